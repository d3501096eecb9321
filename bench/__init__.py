"""What the panel costs, measured on the settings of its tests."""

import os

# Before anything of the panel is imported: labels of platforms ask for the language.
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
