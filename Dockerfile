# Not run on a Docker engine yet: every command in it was run outside one.
FROM python:3.13-slim AS libraries
COPY requirements.txt .
RUN python -m venv /opt/venv \
 && /opt/venv/bin/pip install --no-cache-dir --require-hashes --requirement requirements.txt

FROM python:3.13-slim
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
# The call log of the simulated telephony is shared by several containers, hence the folder.
RUN useradd --system --uid 10001 --no-create-home ringback \
 && install --directory --owner=ringback /var/lib/ringback/telephony
WORKDIR /srv/ringback
COPY --from=libraries /opt/venv /opt/venv
COPY . .
# The settings insist on these; nothing of them stays in the image.
RUN SECRET_KEY=build DNC_KEY=build DATABASE_URL=postgres://build/build \
    python manage.py collectstatic --no-input
USER ringback
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "config.wsgi:application"]
