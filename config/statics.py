"""Static files in production: named by their content, so that browsers may keep them for ever."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class Statics(CompressedManifestStaticFilesStorage):
    """Also what one module imports from another is named so: no page mixes two editions."""

    support_js_module_import_aggregation = True
