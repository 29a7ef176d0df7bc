package source

import (
	"context"
	"fmt"
	"iter"
	"path"
	"strings"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/bucket"
	"atelier/internal/registry"
)

func init() {
	data.Sources.Add("s3", "what a folder holds, in a bucket of Amazon S3 or of a server that speaks its protocol (s3://BUCKET/FOLDER)",
		func() data.Source { return &S3{Secure: true, Kind: all, TestShare: 0.1} })
}

// S3 reads the works in a bucket, as Folder does those in a folder. Credentials are
// those of the environment (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or
// MINIO_ROOT_USER and MINIO_ROOT_PASSWORD) or of the profile AWS_PROFILE in
// ~/.aws/credentials; without any the bucket is asked anonymously. Nothing is
// written. The server is that of Endpoint, or of AWS_ENDPOINT_URL, or Amazon's.
//
// A server that is named may lie in a private network, for there most servers of one's own do,
// and whoever names it means it. Without one only public addresses are
// asked, so that no name that is answered falsely leads to a machine nearby.
type S3 struct {
	Address      string  `help:"s3://BUCKET, or s3://BUCKET/FOLDER for what lies below a folder"`
	Endpoint     string  `help:"host, or host:port, of the server; empty is that of AWS_ENDPOINT_URL, or Amazon's"`
	Region       string  `help:"region of the bucket, such as eu-central-1; empty is AWS_REGION, or else asks the server"`
	Secure       bool    `help:"whether the server is asked by https; http if not"`
	AllowPrivate bool    `help:"whether, without an endpoint, private and local addresses may be asked and a proxy of the environment used"`
	Kind         string  `help:"what is read: pictures, texts, music, or all"`
	Label        string  `help:"what the class is: a column of the table beside the files, folder, or none; empty takes the column label or class, or else the folder"`
	TestShare    float64 `help:"share of the files, 0 to 0.9, that is kept from training to measure against; the key of an object decides; a set that comes divided stays so"`

	converted conversions
}

// Check refuses a share outside its range, a kind that there is not and an endpoint
// that is an address.
func (s *S3) Check() error {
	if strings.ContainsAny(s.Endpoint, "/?#@ ") {
		return registry.Unfit("endpoint", "want HOST or HOST:PORT without https:// and path; secure = false asks by http")
	}
	return checkWorks(s.Kind, s.TestShare)
}

// parts returns the bucket and the folder in it, which is empty or ends in a slash.
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

// Recognize takes addresses of buckets.
func (s *S3) Recognize(place string) data.Fit {
	if !strings.HasPrefix(place, bucket.Scheme) {
		return data.Unfit
	}
	s.Address = place
	return data.Certain
}

// ClassNames returns the sorted labels of the objects.
func (s *S3) ClassNames() []string { return opener(s.open).classNames() }

// Divided reports whether the first folders or a table tell the parts.
func (s *S3) Divided() bool { return opener(s.open).divided() }

// Remarks says which tables were converted, a line for each encoding.
func (s *S3) Remarks() []string { return s.converted.lines() }

// Items yields the objects as they are, in the order of their keys; texts are
// unpacked. A name is the key below the folder.
func (s *S3) Items(ctx context.Context, split data.Split) iter.Seq2[data.Item, error] {
	return opener(s.open).items(ctx, split, knowsNothing)
}

// Rest yields the objects that the journal does not know, and fetches no others.
func (s *S3) Rest(ctx context.Context, split data.Split, j data.Journal) iter.Seq2[data.Item, error] {
	return opener(s.open).items(ctx, split, j.Known)
}

// open lists the bucket and looks around.
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
		err = badinput.Errorf("%s has no %s; %sAtelier reads %s", place, w.wanted(), found.passedOver(), fileKinds)
	}
	if err != nil && t != nil {
		t.Close()
	}
	return t, found, w, err
}
