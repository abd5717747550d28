"""What the systems under comparison answer: frozen prompts and scripted people, any OpenAI-style endpoint."""
