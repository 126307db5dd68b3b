"""What is handed out belongs to the caller, what is handed in as well."""
