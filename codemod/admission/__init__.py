"""Admission policies that a repository has already, and what is wrong with those about images. Pure: no disk.

Readers, one for each engine, make `Rule`s of objects; the judge makes violations of rules.
"""
