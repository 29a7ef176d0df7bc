package library

import "time"

// An Entry is a version in the list of all.
type Entry struct {
	Ref   string    `json:"ref"`
	Hash  string    `json:"hash"`
	Made  time.Time `json:"made"`
	Train int       `json:"train"`
	Test  int       `json:"test"`
	Bytes int64     `json:"bytes"`
	// Wrong says why the version cannot be opened, empty if it can.
	Wrong string `json:"wrong,omitempty"`
}

// List returns every version of every dataset, by name and number.
func (l *Library) List() ([]Entry, error) {
	names, err := l.Store.Names()
	if err != nil {
		return nil, err
	}
	all := []Entry{}
	for _, name := range names {
		versions, err := l.Store.Versions(name)
		if err != nil {
			return nil, err
		}
		for _, n := range versions {
			v, err := l.Store.Version(refTo(name, n))
			if err != nil {
				all = append(all, Entry{Ref: refTo(name, n), Wrong: err.Error()})
				continue
			}
			m := v.Manifest()
			all = append(all, Entry{v.Ref(), v.Hash(), m.Made, m.Counts.Splits["train"], m.Counts.Splits["test"], m.Counts.Bytes, ""})
		}
	}
	return all, nil
}
