package server

// KeepPrivate does nothing on Windows, where the folders of a user are that user's own.
func KeepPrivate() {}
