package app

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"atelier/internal/badinput"
	"atelier/internal/registry"
	"atelier/model/metric"
	"atelier/model/rating"
)

// rated names the score by people's votes among the metrics of [Evaluate].
const rated = "rated"

// judged is the score that votes give a side. Its space is the file of votes, since scores of different
// files do not compare.
func judged(votes File, side string) (s metric.Score, err error) {
	all, torn := rating.Parse(votes.Bytes)
	if len(all) == 0 || torn > 0 {
		return s, badinput.Mark(registry.Unfit("votes", fmt.Sprintf("want votes of atelier rate, a line of JSON each; %s can be read, and %d cannot", Counted(len(all), "line"), torn)))
	}
	r := rating.Score(all)
	var names []string
	for _, one := range r.Standings {
		if one.Side == side {
			const normal = 1.96
			return metric.Score{Name: rated, Value: one.Score, Better: metric.Higher, N: r.Votes, Draws: 1, Space: "votes@" + votes.Hash()[:12],
				Error: (one.High - one.Low) / (2 * normal), Note: trust(r)}, nil
		}
		names = append(names, one.Side)
	}
	slices.Sort(names)
	return s, badinput.Mark(registry.Unfit("side", fmt.Sprintf("the votes are on %s, and not on %q; name the one that is meant", strings.Join(names, ", "), side)))
}

// trust says how far votes can be trusted.
func trust(r rating.Result) string {
	said := "by the votes of " + Counted(len(r.Raters), "rater")
	asked, same := 0, 0
	for _, a := range r.Raters {
		asked, same = asked+a.Asked, same+a.Same
	}
	if asked > 0 {
		said += fmt.Sprintf(", who gave the same answer to %d of %d pairs that were asked again", same, asked)
	}
	if r.Between.Asked > 0 {
		said += fmt.Sprintf(" and agree with each other on %d of %d", r.Between.Same, r.Between.Asked)
	}
	return said
}

// judged is the score by people's votes, none if there are no votes; name is that of the side if
// none is named.
func (a Evaluate) judged(name string) ([]metric.Score, error) {
	if !a.Votes.Given() {
		return nil, nil
	}
	s, err := judged(a.Votes, cmp.Or(a.Side, name))
	if err != nil {
		return nil, err
	}
	return []metric.Score{s}, nil
}

// onlyJudged reports whether nothing is to be computed.
func (a Evaluate) onlyJudged() bool { return slices.Equal(a.Metric, []string{rated}) }
