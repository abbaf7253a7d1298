"""What is published: written in one swap, opened, asked, applied and exported."""
