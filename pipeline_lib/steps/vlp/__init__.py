"""The vision-language model, and the task that trains a small one."""
