"""The unfloat engine: find every image reference of a repository and pin it by digest.

What transforms may use is what this package exports (`codemod.transform`, `codemod.source`, `codemod.edits`,
`codemod.reference`, `codemod.formats.*`, `codemod.testing`); everything else may change without notice.
"""

__version__ = "0.1.0"
