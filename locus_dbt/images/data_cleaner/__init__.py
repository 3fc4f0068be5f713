"""The data-cleaner image: texts trimmed and typed, what cannot be typed rejected."""
