"""Supervised fine-tuning: one LoRA trainer for a laptop CPU and for a T4, and the comparison of base and adapter."""
