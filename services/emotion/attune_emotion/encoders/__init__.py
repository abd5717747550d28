"""Encoders behind the `Encoder` port: ONNX Runtime as shipped, transformers as an option."""
