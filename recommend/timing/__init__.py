"""When to publish: what the hour and the weekday do, with content held fixed, and slots and schedules made from it."""
