"""Chains as files: steps, references, order, presets and checks. Pure."""
