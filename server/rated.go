package server

import (
	"context"
	"fmt"
	"os"
	"strings"

	"atelier/app"
	"atelier/data"
	"atelier/jobs"
	"atelier/model/rating"
)

// workFile is the file of a work.
func (s *Server) workFile(ctx context.Context, work RatingWork) (app.File, error) {
	if work.Item != "" {
		return s.item(ctx, work.Item)
	}
	return s.files.File(jobs.Reference{Result: work.Result})
}

// present are the pairs whose works are both still here: jobs can be deleted meanwhile, and Items
// erased.
func (s *Server) present(ctx context.Context, one Rating, pairs []rating.Pair) (kept []rating.Pair, err error) {
	here := map[RatingWork]bool{}
	for _, side := range one.Sides {
		if side.Job == 0 {
			s.presentItems(ctx, side, here)
			continue
		}
		for _, work := range side.Works {
			if place, err := s.files.Place(jobs.Reference{Result: work.Result}); err == nil {
				_, err = os.Stat(place)
				here[work] = err == nil
			}
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	for _, p := range pairs {
		left, err := one.work(p, p.Left)
		if err != nil {
			return nil, err
		}
		right, err := one.work(p, p.Right)
		if err != nil {
			return nil, err
		}
		if here[left] && here[right] {
			kept = append(kept, p)
		}
	}
	return kept, nil
}

// presentItems adds the works of a dataset that are still in it. They were the first of their part, so
// that no more rows of it need to be read than there are works.
func (s *Server) presentItems(ctx context.Context, side RatingSide, here map[RatingWork]bool) {
	v, err := s.version(ctx, side.Name)
	if err != nil {
		return // all are gone
	}
	wanted := map[string]RatingWork{}
	for _, work := range side.Works {
		_, sha, _ := strings.Cut(work.Item, "/")
		wanted[sha] = work
	}
	for _, split := range []data.Split{data.Test, data.Train} {
		seen := 0
		for row, err := range v.Rows(ctx, split) {
			if err != nil || seen == len(side.Works) {
				break
			}
			if !Judged(row.MediaType) {
				continue
			}
			seen++
			if work, ok := wanted[fmt.Sprintf("%x", row.SHA256)]; ok {
				here[work] = true
			}
		}
	}
}
