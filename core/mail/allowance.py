def admit(work, letters=1):
    pass
