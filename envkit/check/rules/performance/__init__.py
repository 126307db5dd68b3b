"""What calls cost as time goes on."""
