"""What touches the world: Redis, the emotion service, the inference engine, packaged content."""
