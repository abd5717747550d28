"""The engines: llama.cpp for a CPU, vLLM for a GPU. Both serve the OpenAI chat API with `base` and the adapter."""
