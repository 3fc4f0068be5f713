def new_image(): pass
