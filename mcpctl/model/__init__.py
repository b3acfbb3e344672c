"""What flows between the rooms: frozen values, standard library only, no behaviour beyond their own fields."""
