"""Names that people of a region have. Nobody in particular."""

from random import Random

_ENGLISH = (
    (
        "Oliver Amelia Harriet Owen Grace Thomas Leila Priya Imogen Callum Naomi Patrick Zainab "
        "Edith Marcus Ffion Hamish Aisha Joyce Desmond Rosalind Tariq Bethan Kwame Yasmin Gareth"
    ),
    (
        "Marsh Okafor Bennett Whitfield Sharma Hughes Pemberton Ahmed Lindqvist Osei Fairweather "
        "Tunstall Kowalska Mbeki Ashdown Rahman Pryce Dunmore Chowdhury Hartley Novak Sinclair Gill"
    ),
)
_AMERICAN = (
    "Sarah Miguel Denise Tyler Rosa Jamal Hannah Wei Dolores Ethan Keisha Brandon Lucia Grant",
    "Johnson Ramirez Whitaker Nguyen Delgado Brooks Castellano Park Abernathy Holloway Tran Sutton",
)
_GERMAN = (
    "Katrin Jürgen Annika Matthias Emre Heike Lukas Birgit Sabine Florian Leonie Wolfgang Meryem",
    "Brandt Vogel Yıldız Hoffmann Krüger Lindner Schäfer Bergmann Seidel Arslan Pohl Winkler",
)
_NORDIC = (
    "Ingrid Mikkel Astrid Lars Saga Henrik Linnea Aino Jesper Sofie Oskari Tuva Emil Kirsten",
    "Lindholm Nygaard Virtanen Dahl Bergström Korhonen Møller Ekström Haugen Sandvik Laine Holm",
)
_FRENCH = (
    "Camille Étienne Nadège Bastien Inès Lucien Aurore Mehdi Solène Thierry Margaux Rachid Odile",
    "Lefèvre Moreau Benali Garnier Rousseau Chevalier Diallo Perrin Marchand Faure Lacroix Vidal",
)
_DUTCH = (
    "Sanne Joris Fleur Bram Noor Wouter Lieke Daan Marijke Pieter Yara Thijs Annelies Ruben",
    "Visser Vermeulen Hendriks Dekker Peeters Jansens Mulder Bakker Claes Postma Willems Smit",
)
_SPANISH = (
    "Lucía Álvaro Carmen Iker Rocío Sergio Pilar Mateo Elena Gonzalo Noemí Joaquín Begoña Raúl",
    "Herrero Navarro Iglesias Ortega Santana Molina Vega Cabrera Rubio Serrano Domínguez Arribas",
)
_PORTUGUESE = (
    "Beatriz Tiago Inês Duarte Leonor Rui Mafalda Gonçalo Teresa Nuno Catarina Afonso Filipa",
    "Carvalho Almeida Ferreira Teixeira Moura Figueiredo Pinto Azevedo Coelho Nogueira Brito Sá",
)
_ITALIAN = (
    "Giulia Lorenzo Chiara Davide Ilaria Pietro Federica Nicolò Simona Ettore Martina Renzo",
    "Rossetti Galli Moretti Ferrara Bianco Marchetti Costa Fontana Gentile Lombardi Serra Riva",
)
_POLISH = (
    "Agnieszka Tomasz Magda Wojciech Ewelina Piotr Kinga Marek",
    "Wójcik Nowak Zieliński Mazur Kaczmarek Dudek Sikora Pawlak",
)
_INDIAN = (
    "Ananya Rohan Meera Vikram Kavita Arjun Sunita Nikhil",
    "Iyer Banerjee Kulkarni Reddy Menon Kapoor Joshi Das",
)
_SINGAPOREAN = ("Hui Jun Mei Rajesh Siti Kelvin", "Tan Lim Goh Nair Rahim Chua")
_SOUTH_AFRICAN = ("Thandiwe Pieter Lerato Sipho Anke", "Dlamini Botha Naidoo Mokoena Venter")
_JAPANESE = ("Haruka Kenji Aoi Takumi Yuko", "Tanaka Mori Ishikawa Okada Fujimoto")

_OF_REGION = {
    "US": _AMERICAN, "DE": _GERMAN, "AT": _GERMAN, "CH": _GERMAN, "SE": _NORDIC, "DK": _NORDIC,
    "NO": _NORDIC, "FI": _NORDIC, "FR": _FRENCH, "NL": _DUTCH, "BE": _DUTCH, "ES": _SPANISH,
    "PT": _PORTUGUESE, "BR": _PORTUGUESE, "IT": _ITALIAN, "PL": _POLISH, "IN": _INDIAN,
    "SG": _SINGAPOREAN, "ZA": _SOUTH_AFRICAN, "JP": _JAPANESE,
}  # fmt: skip


def name_in(region: str, luck: Random, taken: set[str]) -> str:
    """A name that fits the region and that nobody in ``taken`` has; it is taken then."""
    first, last = (part.split() for part in _OF_REGION.get(region, _ENGLISH))
    name = f"{luck.choice(first)} {luck.choice(last)}"
    for _ in range(50):
        if name not in taken:
            break
        name = f"{luck.choice(first)} {luck.choice(last)}"
    taken.add(name)
    return name
