"""WHO: people, staff roles, whether payment is offered, and what the floors above share."""
