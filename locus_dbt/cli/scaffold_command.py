def scaffold(): pass
