package app

import (
	"errors"
	"io/fs"
	"path/filepath"

	"atelier/internal/c2pa"
	"atelier/internal/provenance"
	"atelier/internal/watermark"
)

// Keys are the secrets of this machine's marks, in files of a folder.
type Keys struct {
	// Folder is where they are; empty if there is no place for them on this machine.
	Folder string
}

// The files of keys, which are made on first use.
const (
	signerFile    = "signer.pem"
	watermarkFile = "watermark.key"
)

// Signer opens a file with key and certificates or, if the path is empty, this machine's own, which is
// made if create is set; nil without an error is none.
func (k Keys) Signer(path string, create bool) (*c2pa.Signer, error) {
	return openKey(k, path, signerFile, create, c2pa.OpenSigner)
}

// Watermark opens the key of the invisible watermark likewise.
func (k Keys) Watermark(path string, create bool) (*watermark.Key, error) {
	return openKey(k, path, watermarkFile, create, watermark.OpenKey)
}

func openKey[T any](k Keys, path, own string, create bool, open func(string, bool) (*T, error)) (*T, error) {
	if path != "" {
		return open(path, false)
	}
	if k.Folder == "" {
		return nil, nil
	}
	key, err := open(filepath.Join(k.Folder, own), create)
	if !create && errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return key, err
}

// marking are the marks that a label records, with the keys of this machine as far as they are those
// that it names, and why some are left out.
func (k Keys) marking(m provenance.Marks) (out Marking, missing []string, err error) {
	out = Marking{Producer: m.Producer, Visible: m.Visible}
	if m.Watermark != "" {
		key, err := k.Watermark("", false)
		if err != nil {
			return out, nil, err
		}
		if key != nil && key.Fingerprint() == m.Watermark {
			out.Watermark = key
		} else {
			missing = append(missing, "watermark: its key "+m.Watermark+" is not that of this machine")
		}
	}
	if m.Signer != "" {
		by, err := k.Signer("", false)
		if err != nil {
			return out, nil, err
		}
		if by != nil && by.Fingerprint() == m.Signer {
			out.Signer = by
		} else {
			missing = append(missing, "signature: its key is not that of this machine")
		}
	}
	return out, missing, nil
}
