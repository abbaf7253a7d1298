"""What a customer will do next: purchases, drop-out and the value of orders to come."""
