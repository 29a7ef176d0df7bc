package server

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"atelier/data"
	"atelier/internal/durable"
	"atelier/internal/picture"
	"atelier/jobs"
	"atelier/model/rating"
)

// A RatingRequest asks for works to be judged side by side.
type RatingRequest struct {
	// Name is that of the rating; if empty, one by the time.
	Name string `json:"name,omitempty"`
	// Jobs are those whose results are compared, two or more, or one beside a dataset.
	Jobs []int64 `json:"jobs"`
	// Dataset is a version whose test works, or training works where there are none, are a side as
	// well.
	Dataset string `json:"dataset,omitempty"`
}

// A Rating is what people are asked to judge.
type Rating struct {
	Name  string       `json:"name"`
	Made  time.Time    `json:"made"`
	Sides []RatingSide `json:"sides"`
	// Items is how many works of each side are compared.
	Items int `json:"items"`
	// Seed is that of the order of the pairs.
	Seed uint64 `json:"seed"`
	// Width and Height are those that pictures are shown at, in pixels.
	Width  int `json:"width,omitempty"`
	Height int `json:"height,omitempty"`
}

// A RatingSide is what one job made, or works of a dataset.
type RatingSide struct {
	Name  string       `json:"name"`
	Job   int64        `json:"job,omitempty"`
	Works []RatingWork `json:"works"`
}

// A RatingWork is a work of a side.
type RatingWork struct {
	// Result is JOB/NAME; Item is NAME@VERSION/SHA256.
	Result    string `json:"result,omitempty"`
	Item      string `json:"item,omitempty"`
	MediaType string `json:"media_type"`
}

const (
	ratingFile  = "rating.json"
	votesFile   = "votes.jsonl"
	leastSides  = 2
	mostSides   = 8
	mostItems   = 200 // works of a side
	mostRating  = 4 << 20
	repeatShare = 0.1 // of the pairs, as atelier rate has it
	mostRater   = 40  // characters
)

// ratingFolder is the folder of a rating.
func (s *Server) ratingFolder(name string) (string, error) {
	if jobs.CheckName(name) != nil {
		return "", failf(http.StatusNotFound, "there is no rating %q", name)
	}
	return filepath.Join(s.config.Home, "ratings", name), nil
}

// rating reads a rating and the votes on it.
func (s *Server) rating(name string) (r Rating, votes []rating.Vote, err error) {
	folder, err := s.ratingFolder(name)
	if err != nil {
		return r, nil, err
	}
	text, err := durable.ReadFile(filepath.Join(folder, ratingFile), mostRating)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return r, nil, failf(http.StatusNotFound, "there is no rating %q", name)
	case err != nil:
		return r, nil, err
	}
	if err := json.Unmarshal(text, &r); err != nil {
		return r, nil, failf(http.StatusInternalServerError, "the rating %s is damaged: %w", name, err)
	}
	votes, _, err = rating.Read(filepath.Join(folder, votesFile))
	return r, votes, err
}

// names are those of the sides and items by which a rating is planned.
func (r Rating) names() (sides, items []string) {
	for _, side := range r.Sides {
		sides = append(sides, side.Name)
	}
	for i := range r.Items {
		items = append(items, fmt.Sprintf("%04d", i+1))
	}
	return sides, items
}

// plan is what a rater is asked.
func (r Rating) plan(rater string) []rating.Pair {
	sides, items := r.names()
	return rating.Plan(sides, items, rater, r.Seed, repeatShare)
}

// work is that of a side in a pair.
func (r Rating) work(p rating.Pair, side string) (RatingWork, error) {
	at := slices.IndexFunc(r.Sides, func(s RatingSide) bool { return s.Name == side })
	var item int
	if _, err := fmt.Sscanf(p.Item, "%d", &item); err != nil || at < 0 || item < 1 || item > len(r.Sides[at].Works) {
		return RatingWork{}, failf(http.StatusInternalServerError, "the rating %s is damaged", r.Name)
	}
	return r.Sides[at].Works[item-1], nil
}

// newRating makes a rating of what jobs made.
func (s *Server) newRating(ctx context.Context, q RatingRequest) (r Rating, err error) {
	r = Rating{Name: q.Name, Made: time.Now().UTC().Truncate(time.Second), Seed: rand.Uint64N(1 << 53)}
	if r.Name == "" {
		r.Name = r.Made.Format("2006-01-02-150405")
	}
	if err := jobs.CheckName(r.Name); err != nil {
		return r, fieldf("name", "%w", err)
	}
	for i, id := range q.Jobs {
		if slices.Contains(q.Jobs[:i], id) {
			return r, fieldf("jobs", "the job %d is named twice", id)
		}
	}
	n := len(q.Jobs)
	if q.Dataset != "" {
		n++
	}
	if n < leastSides || n > mostSides {
		return r, fieldf("jobs", "want %d to %d sides: jobs, and perhaps a dataset; got %d", leastSides, mostSides, n)
	}
	for _, id := range q.Jobs {
		side, err := s.sideOf(ctx, id)
		if err != nil {
			return r, err
		}
		r.Sides = append(r.Sides, side)
	}
	if q.Dataset != "" {
		side, err := s.collected(ctx, q.Dataset)
		if err != nil {
			return r, err
		}
		r.Sides = append(r.Sides, side)
	}
	for _, side := range r.Sides {
		r.Items = min(cmp.Or(r.Items, mostItems), len(side.Works))
		if a, b := sortOf(r.Sides[0]), sortOf(side); a != b {
			return r, fieldf("jobs", "%s holds %s works and %s %s ones: compare works of one sort", r.Sides[0].Name, a, side.Name, b)
		}
	}
	return r, s.sized(ctx, &r)
}

// sortOf is the sort of the works of a side: image, audio or text.
func sortOf(side RatingSide) string {
	kind, _, _ := strings.Cut(side.Works[0].MediaType, "/")
	if kind == "application" || side.Works[0].MediaType == "text/vnd.abc" {
		return "audio" // MusicXML and ABC
	}
	return kind
}

// sized notes the size that pictures are shown at: that of the first.
func (s *Server) sized(ctx context.Context, r *Rating) error {
	if sortOf(r.Sides[0]) != "image" {
		return nil
	}
	f, err := s.workFile(ctx, r.Sides[0].Works[0])
	if err != nil {
		return err
	}
	whole, err := picture.OpenWhole(f.Bytes)
	if err != nil {
		return fieldf("jobs", "a picture of %s cannot be read: %w", r.Sides[0].Name, err)
	}
	r.Width, r.Height = whole.Pixels.Rect.Dx(), whole.Pixels.Rect.Dy()
	return nil
}

// size is that of the pictures of a rating.
func (r Rating) size() image.Point { return image.Pt(r.Width, r.Height) }

// Judged reports whether people can judge works of a media type: by eye, by ear, or by reading.
func Judged(kind string) bool {
	return strings.HasPrefix(kind, "image/") || strings.HasPrefix(kind, "audio/") || strings.HasPrefix(kind, "text/") && kind != "text/html" ||
		strings.HasPrefix(kind, "application/vnd.recordare")
}

// sideOf are the works that a job made.
func (s *Server) sideOf(ctx context.Context, id int64) (side RatingSide, err error) {
	j, err := s.queue.Get(ctx, id)
	if err != nil {
		return side, fieldf("jobs", "there is no job %d", id)
	}
	var given struct{ Run, Model string }
	json.Unmarshal(j.Inputs, &given) // an app may have neither
	side = RatingSide{Job: id, Name: strings.TrimSpace(fmt.Sprintf("%d %s %s", id, j.App, cmp.Or(given.Run, given.Model)))}
	for _, o := range j.Outputs {
		if Judged(o.MediaType) && len(side.Works) < mostItems {
			side.Works = append(side.Works, RatingWork{Result: fmt.Sprintf("%d/%s", id, o.Name), MediaType: o.MediaType})
		}
	}
	if len(side.Works) == 0 {
		return side, fieldf("jobs", "the job %d made no picture, text or music; want one that did", id)
	}
	return side, nil
}

// collected are works of a dataset, of the test part where there is one.
func (s *Server) collected(ctx context.Context, ref string) (side RatingSide, err error) {
	v, err := s.version(ctx, ref)
	if err != nil {
		return side, fieldf("dataset", "%w", err)
	}
	m := v.Manifest()
	side.Name = fmt.Sprintf("%s@%d", m.Name, m.Version)
	for _, split := range []data.Split{data.Test, data.Train} {
		for row, err := range v.Rows(ctx, split) {
			if err != nil {
				return side, err
			}
			if Judged(row.MediaType) {
				side.Works = append(side.Works, RatingWork{Item: fmt.Sprintf("%s/%x", side.Name, row.SHA256), MediaType: row.MediaType})
			}
			if len(side.Works) == mostItems {
				return side, nil
			}
		}
		if len(side.Works) > 0 {
			return side, nil
		}
	}
	return side, fieldf("dataset", "%s holds no picture, text or music", side.Name)
}

// keepRating writes a rating; there must be none of its name.
func (s *Server) keepRating(r Rating) error {
	folder, err := s.ratingFolder(r.Name)
	if err != nil {
		return err
	}
	if exists(folder) {
		return failf(http.StatusConflict, "there is a rating %s already", r.Name)
	}
	text, err := json.MarshalIndent(r, "", "  ")
	if err == nil {
		err = os.MkdirAll(folder, 0o700)
	}
	if err == nil {
		err = durable.WriteFile(filepath.Join(folder, ratingFile), append(text, '\n'))
	}
	return durable.Explain(folder, err)
}
