"""Draws the sample images: one module per picture, and the noise that they share."""
