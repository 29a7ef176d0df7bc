package netfile

func (n *Network) readTFLite(b []byte) error { return nil }
