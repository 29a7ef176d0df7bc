package store

import (
	"context"
	"errors"
	"iter"
	"strings"
	"time"

	"atelier/data"
	"atelier/internal/home"
)

func init() {
	data.Sources.Add("stored", "a version of a dataset made with atelier data",
		func() data.Source { return new(Stored) })
}

// Stored yields the Items of a stored version.
type Stored struct {
	Name string `help:"the dataset and its version: faces@2, or faces for the newest; the run records which"`
	Home string `help:"where datasets are stored: a folder or s3://BUCKET/FOLDER; if empty, ATELIER_HOME, else the user's data folder"`

	store   *Store
	version *Version
}

// open opens the version on first use, and keeps it.
func (s *Stored) open(ctx context.Context) (*Version, error) {
	if s.version != nil {
		return s.version, nil
	}
	if s.Name == "" {
		return nil, errors.New("stored: name is not set; it names a dataset, such as faces, or a version of it, such as faces@2")
	}
	place, err := s.Home, error(nil)
	if place == "" {
		if place, err = home.Datasets(); err != nil {
			return nil, err
		}
	}
	if s.store, err = Open(place); err != nil {
		return nil, err
	}
	if s.version, err = s.store.Version(ctx, s.Name); err != nil {
		return nil, err
	}
	s.Name = s.version.Ref()
	return s.version, nil
}

// SetName is the name of the dataset, without the version.
func (s *Stored) SetName() string {
	name, _, _ := strings.Cut(s.Name, "@")
	return name
}

// ClassNames returns the classes in the order of the manifest.
func (s *Stored) ClassNames() []string {
	v, err := s.open(context.Background())
	if err != nil {
		return nil // Items reports the error
	}
	return v.manifest.Classes
}

// Divided reports true: a version has parts.
func (s *Stored) Divided() bool { return true }

// VersionHash is the hash of the version, which changes when Items are erased from it.
func (s *Stored) VersionHash(ctx context.Context) (string, error) {
	v, err := s.open(ctx)
	if err != nil {
		return "", err
	}
	return v.remainder(), nil
}

// Count is the number of Items in the manifest.
func (s *Stored) Count(ctx context.Context, split data.Split) (int, error) {
	v, err := s.open(ctx)
	if err != nil {
		return 0, err
	}
	return v.manifest.Counts.Splits[split], nil
}

// VersionName is the dataset with its version, such as "faces@2".
func (s *Stored) VersionName() string { return s.Name }

// RecordRun records in the catalog that the run in a folder is trained on the version.
func (s *Stored) RecordRun(ctx context.Context, run string) error {
	v, err := s.open(ctx)
	if err != nil {
		return err
	}
	return s.store.RecordRun(ctx, TrainedRun{Path: run, Ref: v.Ref(), Hash: v.remainder(), At: time.Now()})
}

// Items yields the Items of a part.
func (s *Stored) Items(ctx context.Context, split data.Split) iter.Seq2[data.Item, error] {
	return func(yield func(data.Item, error) bool) {
		v, err := s.open(ctx)
		if err != nil {
			yield(data.Item{}, err)
			return
		}
		for r, err := range v.Rows(ctx, split) {
			if !yield(r.Item, err) {
				return
			}
		}
	}
}

// Manifest describes the version. Callers must not change it.
func (s *Stored) Manifest(ctx context.Context) (*Manifest, error) {
	v, err := s.open(ctx)
	if err != nil {
		return nil, err
	}
	return v.manifest, nil
}
