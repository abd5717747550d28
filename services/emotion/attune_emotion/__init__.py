"""The emotion service: reads the emotion of a text with a calibrated encoder."""
