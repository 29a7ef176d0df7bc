package page

import (
	"encoding/json"
	"net/http"
	"strconv"

	"atelier/app"
	"atelier/jobs"
	"atelier/server"
)

// A panelOfRatings is the page of the ratings.
type panelOfRatings struct {
	Ratings []server.RatingEntry
	Jobs    []candidate
	Sets    []option
}

// A candidate is a job whose works can be judged.
type candidate struct {
	*jobShown
	Works int
}

// mostCandidates is how many jobs are offered.
const mostCandidates = 24

// ratings lists the ratings, and what could be rated.
func (p *pages) ratings(r *http.Request) (content, error) {
	var c panelOfRatings
	if err := p.get(r, "/ratings", &c.Ratings); err != nil {
		return content{}, err
	}
	var page server.JobPage
	if err := p.get(r, "/jobs?state=done&limit=200", &page); err != nil {
		return content{}, err
	}
	for _, j := range page.Jobs {
		all := works(j)
		if j.Kind != jobs.OfApp || len(all) == 0 || len(c.Jobs) == mostCandidates || !server.Judged(all[0].MediaType) {
			continue
		}
		j.Outputs = all[:1]
		one, err := p.shown(r, j)
		if err != nil {
			return content{}, err
		}
		c.Jobs = append(c.Jobs, candidate{one, len(all)})
	}
	var sets server.DatasetPage
	if err := p.get(r, "/datasets", &sets); err != nil && !isMissing(err) {
		return content{}, err
	}
	for _, d := range sets.Datasets {
		c.Sets = append(c.Sets, option{Value: d.Name, Label: d.Name})
	}
	return content{template: "ratings", here: "rate", title: "Rate", data: c}, nil
}

// A judging is the page of a rating.
type judging struct {
	server.RatingScores
	// Runs are those whose works a side has, by the side, with their best computed score.
	Runs map[string]app.Summary
}

// rate is the page on which works are judged, or what the votes come to.
func (p *pages) rate(r *http.Request) (content, error) {
	c := judging{Runs: map[string]app.Summary{}}
	if err := p.get(r, "/ratings/"+segment(r.PathValue("rating")), &c.RatingScores); err != nil {
		return content{}, err
	}
	for _, side := range c.Sides {
		name, err := p.runOfSide(r, side)
		if err != nil {
			return content{}, err
		}
		if name == "" {
			continue
		}
		var detail server.RunDetail
		switch err := p.get(r, "/runs/"+segment(name), &detail); {
		case err == nil:
			c.Runs[side.Name] = detail.Summary
		case !isMissing(err):
			return content{}, err
		}
	}
	return content{template: "rating", here: "rate", title: "Rate", data: c}, nil
}

// runOfSide is the run whose works a side has, empty if they are of none.
func (p *pages) runOfSide(r *http.Request, side server.RatingSide) (name string, err error) {
	if side.Job == 0 {
		return "", nil
	}
	j, err := p.jobOf(r, strconv.FormatInt(side.Job, 10))
	if isMissing(err) {
		return "", nil // it was deleted
	}
	var in struct{ Run string }
	if err == nil {
		err = json.Unmarshal(j.Inputs, &in)
	}
	return in.Run, err
}
