"""What goes wrong while a template is executed."""


class TemplateError(Exception):
    """An action, or a function that it calls, fails as Helm would fail; the text is half a sentence."""
