package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
)

// sealKey is the field of a manifest that holds its seal.
const sealKey = "seal"

// sealOf is the SHA-256, in hex, of a manifest without its seal, however it is laid out
// and whatever fields it has: as JSON with sorted keys and numbers as they are written.
// The root hash covers the Items, and counts can be made again; the seal shows that
// somebody changed what neither can tell, such as where the Items come from.
func sealOf(manifest []byte) (string, error) {
	d := json.NewDecoder(bytes.NewReader(manifest))
	d.UseNumber()
	var fields map[string]any
	if err := d.Decode(&fields); err != nil {
		return "", err
	}
	delete(fields, sealKey)
	text, err := json.Marshal(fields)
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), err
}

// checkSeal says whether a manifest was changed after it was written. One of a program
// that made no seals has none.
func checkSeal(manifest []byte, seal string) error {
	if seal == "" {
		return nil
	}
	if now, err := sealOf(manifest); err != nil || now != seal {
		return errors.Join(err, errors.New("it was changed by hand after it was written: its seal does not fit"))
	}
	return nil
}
