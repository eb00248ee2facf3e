"""Static files as production serves them."""

import re

from django.core.management import call_command


def test_what_a_module_imports_is_named_by_its_content_too(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STORAGES |= {"staticfiles": {"BACKEND": "config.statics.Statics"}}
    call_command("collectstatic", interactive=False, verbosity=0)
    [queue] = (tmp_path / "js").glob("queue.????????????.js")
    [imported] = re.findall(r'from "\./(redraw\.\w{12}\.js)"', queue.read_text())
    assert (tmp_path / "js" / imported).exists()
