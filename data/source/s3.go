package source

import (
	"context"
	"fmt"
	"iter"
	"path"
	"strings"

	"atelier/data"
	"atelier/internal/bucket"
	"atelier/internal/registry"
)

func init() {
	data.Sources.Add("s3", "like folder, from a bucket of Amazon S3 or a compatible server (s3://BUCKET/FOLDER)",
		func() data.Source { return &S3{Secure: true, Kind: all, TestShare: 0.1} })
}

// S3 reads the works in a bucket, as Folder does those in a folder. Credentials are taken from the
// environment (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or MINIO_ROOT_USER and
// MINIO_ROOT_PASSWORD) or from the profile AWS_PROFILE in ~/.aws/credentials; without any, access
// is anonymous. Nothing is written. The server is Endpoint, or AWS_ENDPOINT_URL, or Amazon's.
//
// An explicitly named server may be in a private network, where most self-hosted servers are.
// Otherwise only public addresses are contacted, so that a forged DNS answer cannot lead to a
// machine nearby.
type S3 struct {
	Address      string  `help:"s3://BUCKET, or s3://BUCKET/FOLDER for what lies below a folder"`
	Endpoint     string  `help:"host or host:port of the server; if empty, AWS_ENDPOINT_URL, else Amazon's"`
	Region       string  `help:"region of the bucket, such as eu-central-1; if empty, AWS_REGION, else the server is asked"`
	Secure       bool    `help:"use https, not http"`
	AllowPrivate bool    `help:"without an endpoint, also allow private and local addresses and the environment's proxy"`
	Kind         string  `help:"which files are read: pictures, texts, music, or all"`
	Label        string  `help:"where classes come from: a column of the table beside the files, folder, or none; if empty, the column label or class, else the folder"`
	TestShare    float64 `help:"share of the files, 0 to 0.9, held out as the test part, chosen by key; a set that comes already divided stays so"`

	converted conversions
}

// Check rejects a share outside its range, an unknown kind and an endpoint that is not an address.
func (s *S3) Check() error {
	if strings.ContainsAny(s.Endpoint, "/?#@ ") {
		return registry.Unfit("endpoint", "want HOST or HOST:PORT without https:// and path; secure = false asks by http")
	}
	return checkWorks(s.Kind, s.TestShare)
}

// parts returns the bucket and the folder in it, which is empty or ends with a slash.
func (s *S3) parts() (name, folder string) {
	name, folder, _ = strings.Cut(strings.TrimPrefix(s.Address, bucket.Scheme), "/")
	if folder = strings.TrimRight(folder, "/"); folder != "" {
		folder += "/"
	}
	return name, folder
}

// SetName is the name of the folder, or of the bucket.
func (s *S3) SetName() string {
	name, folder := s.parts()
	return path.Base(name + "/" + folder)
}

// Recognize accepts addresses of buckets.
func (s *S3) Recognize(place string) data.Fit {
	if !strings.HasPrefix(place, bucket.Scheme) {
		return data.Unfit
	}
	s.Address = place
	return data.Certain
}

// ClassNames returns the sorted labels of the objects.
func (s *S3) ClassNames() []string { return opener(s.open).classNames() }

// Divided reports whether top-level folders or a table define the parts.
func (s *S3) Divided() bool { return opener(s.open).divided() }

// Remarks lists the tables that were converted, one line per encoding.
func (s *S3) Remarks() []string { return s.converted.lines() }

// Items yields the objects as they are, sorted by key; compressed texts are decompressed. A name is
// the key below the folder.
func (s *S3) Items(ctx context.Context, split data.Split) iter.Seq2[data.Item, error] {
	return opener(s.open).items(ctx, split, noneKnown)
}

// Rest yields the objects that are not in the journal, and fetches no others.
func (s *S3) Rest(ctx context.Context, split data.Split, j data.Journal) iter.Seq2[data.Item, error] {
	return opener(s.open).items(ctx, split, j.Known)
}

// open lists the bucket and surveys it.
func (s *S3) open(ctx context.Context) (tree, *survey, works, error) {
	name, folder := s.parts()
	place := bucket.Scheme + name + "/" + folder
	w := works{Kind: s.Kind, Label: s.Label, TestShare: s.TestShare, converted: &s.converted, at: func(file string) string { return place + file }}
	if err := s.Check(); err != nil {
		return nil, nil, w, fmt.Errorf("s3 %w", err)
	}
	if name == "" || !strings.HasPrefix(s.Address, bucket.Scheme) {
		return nil, nil, w, fmt.Errorf("s3: address is %q; want s3://BUCKET or s3://BUCKET/FOLDER", s.Address)
	}
	t, err := s.bucket(ctx, name, folder)
	var found *survey
	if err == nil {
		found, err = takeSurvey(ctx, t, w)
	}
	switch {
	case ctx.Err() != nil:
		err = ctx.Err()
	case err != nil:
		err = fmt.Errorf("%s: %w", place, err)
	case len(found.works) == 0:
		err = found.nothing(place, w)
	}
	if err != nil && t != nil {
		t.Close()
	}
	return t, found, w, err
}
