package server

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"atelier/app"
	"atelier/internal/badinput"
	"atelier/model/rating"
)

var ratingRoutes = []route{
	{method: "GET", path: "/ratings", scope: Read, summary: "List the ratings", do: (*Server).listRatings, gives: []RatingEntry{}},
	{method: "POST", path: "/ratings", scope: Make, summary: "Ask for the works of jobs to be judged side by side, blind", do: (*Server).postRating, takes: RatingRequest{}, gives: Rating{}, status: http.StatusCreated},
	{method: "GET", path: "/ratings/{name}", scope: Read, summary: "Get a rating with the scores of its sides", do: (*Server).getRating, gives: RatingScores{}},
	{method: "GET", path: "/ratings/{name}/pairs", scope: Make, summary: "Get the next pairs that a rater has not judged", do: (*Server).listPairs, gives: RatingPairs{},
		query: map[string]string{"rater": "who judges: the name of the token if empty, another only with scope admin", "limit": "how many, 1 to 20; 3 if empty"}},
	{method: "GET", path: "/ratings/{name}/pairs/{pair}/{side}", scope: Make, summary: "Get a work of a pair, left or right, without a word of where it is from", do: (*Server).getRated, gives: "*/*",
		query: map[string]string{"rater": "who judges: the name of the token if empty, another only with scope admin"}},
	{method: "GET", path: "/ratings/{name}/votes", scope: Read, summary: "Get the votes of a rating, a line of JSON each, as atelier evaluate takes them", do: (*Server).getVotes, gives: "text/plain"},
	{method: "POST", path: "/ratings/{name}/votes", scope: Make, summary: "Keep a vote", do: (*Server).postVote, takes: RatingVote{}, gives: rating.Vote{}, status: http.StatusCreated,
		query: map[string]string{"rater": "who judges, instead of in the body"}},
}

// A RatingEntry is a rating at a glance.
type RatingEntry struct {
	Name  string    `json:"name"`
	Made  time.Time `json:"made"`
	Sides []string  `json:"sides"`
	Items int       `json:"items"`
	Votes int       `json:"votes"`
}

// RatingScores are a rating and what the votes come to.
type RatingScores struct {
	Rating
	Scores rating.Result `json:"scores"`
}

// RatingPairs are what a rater is asked next.
type RatingPairs struct {
	Rater string `json:"rater"`
	Done  int    `json:"done"`
	Total int    `json:"total"`
	// Gone are pairs of works that are not here any more; Total leaves them out.
	Gone  int          `json:"gone"`
	Pairs []RatingPair `json:"pairs"`
}

// A RatingPair is two works, blind.
type RatingPair struct {
	Pair  int    `json:"pair"`
	Left  string `json:"left"`  // address
	Right string `json:"right"` // address
	Sort  string `json:"sort"`  // image, audio or text
}

// A RatingVote says which work of a pair is better.
type RatingVote struct {
	// Rater is who judges, here or in the query: the name of the token if empty, another only with scope
	// admin.
	Rater string `json:"rater,omitempty"`
	Pair  int    `json:"pair"`
	// For is left, right or tie.
	For string `json:"for"`
	// Seconds is how long the rater looked.
	Seconds float64 `json:"seconds,omitempty"`
}

const mostSeconds = 86400

func (s *Server) listRatings(w http.ResponseWriter, _ *http.Request) error {
	entries, err := os.ReadDir(filepath.Join(s.config.Home, "ratings"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	all := []RatingEntry{}
	for _, e := range entries {
		r, votes, err := s.rating(e.Name())
		if err != nil {
			continue // something else lies there
		}
		sides, _ := r.names()
		all = append(all, RatingEntry{r.Name, r.Made, sides, r.Items, len(votes)})
	}
	slices.SortStableFunc(all, func(a, b RatingEntry) int { return b.Made.Compare(a.Made) })
	return answer(w, http.StatusOK, all)
}

func (s *Server) postRating(w http.ResponseWriter, r *http.Request) error {
	var q RatingRequest
	if err := decode(w, r, &q); err != nil {
		return err
	}
	made, err := s.newRating(r.Context(), q)
	if err == nil {
		err = s.keepRating(made)
	}
	if err != nil {
		return err
	}
	return answer(w, http.StatusCreated, made)
}

func (s *Server) getRating(w http.ResponseWriter, r *http.Request) error {
	one, votes, err := s.rating(r.PathValue("name"))
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, RatingScores{one, rating.Score(votes)})
}

func (s *Server) getVotes(w http.ResponseWriter, r *http.Request) error {
	one, _, err := s.rating(r.PathValue("name"))
	if err != nil {
		return err
	}
	folder, err := s.ratingFolder(one.Name)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(filepath.Join(folder, votesFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, err = w.Write(text)
	return err
}

func (s *Server) listPairs(w http.ResponseWriter, r *http.Request) error {
	most, err := number(r, "limit", 3, 1, 20)
	if err != nil {
		return err
	}
	rater, err := s.rater(r, r.URL.Query().Get("rater"))
	if err != nil {
		return err
	}
	one, votes, err := s.rating(r.PathValue("name"))
	if err != nil {
		return err
	}
	plan := one.plan(rater)
	left := rating.Left(plan, votes, rater)
	page := RatingPairs{Rater: rater, Done: len(plan) - len(left), Pairs: []RatingPair{}}
	if left, err = s.present(r.Context(), one, left); err != nil {
		return err
	}
	page.Total = page.Done + len(left)
	page.Gone = len(plan) - page.Total
	for _, p := range left[:min(most, len(left))] {
		at := slices.Index(plan, p)
		address := base + "/ratings/" + url.PathEscape(one.Name) + "/pairs/" + strconv.Itoa(at) + "/"
		whose := "?rater=" + url.QueryEscape(rater)
		page.Pairs = append(page.Pairs, RatingPair{at, address + "left" + whose, address + "right" + whose, sortOf(one.Sides[0])})
	}
	return answer(w, http.StatusOK, page)
}

// pairOf is a pair of a rater's plan.
func pairOf(one Rating, rater string, at int) (rating.Pair, error) {
	plan := one.plan(rater)
	if at < 0 || at >= len(plan) {
		return rating.Pair{}, failf(http.StatusNotFound, "the rating %s has the pairs 0 to %d, not %d", one.Name, len(plan)-1, at)
	}
	return plan[at], nil
}

func (s *Server) getRated(w http.ResponseWriter, r *http.Request) error {
	rater, err := s.rater(r, r.URL.Query().Get("rater"))
	if err != nil {
		return err
	}
	one, _, err := s.rating(r.PathValue("name"))
	if err != nil {
		return err
	}
	at, err := strconv.Atoi(r.PathValue("pair"))
	if err != nil {
		at = -1
	}
	pair, err := pairOf(one, rater, at)
	if err != nil {
		return err
	}
	side := map[string]string{"left": pair.Left, "right": pair.Right}[r.PathValue("side")]
	if side == "" {
		return failf(http.StatusNotFound, "a pair has the sides left and right")
	}
	work, err := one.work(pair, side)
	if err != nil {
		return err
	}
	f, err := s.workFile(r.Context(), work)
	if err != nil {
		return failf(http.StatusNotFound, "the work is not here any more: %w", err)
	}
	blind, kind, err := app.Blind(r.Context(), f, work.MediaType, one.size())
	if err != nil {
		return err
	}
	sum := sha256.Sum256(blind)
	return serveBytes(w, r, r.PathValue("side"), kind, hex.EncodeToString(sum[:8]), blind)
}

func (s *Server) postVote(w http.ResponseWriter, r *http.Request) error {
	if err := known(r, "rater"); err != nil {
		return err
	}
	var q RatingVote
	if err := decode(w, r, &q); err != nil {
		return err
	}
	asked := r.URL.Query().Get("rater")
	if q.Rater != "" && asked != "" && q.Rater != asked {
		return fieldf("rater", "it is %q in the query and %q in the body; want one", asked, q.Rater)
	}
	rater, err := s.rater(r, cmp.Or(q.Rater, asked))
	if err != nil {
		return err
	}
	if q.For != rating.ForLeft && q.For != rating.ForRight && q.For != rating.Tie {
		return fieldf("for", "want left, right or tie, got %q", q.For)
	}
	if !(q.Seconds >= 0 && q.Seconds <= mostSeconds) {
		return fieldf("seconds", "want 0 to %d", mostSeconds)
	}
	one, _, err := s.rating(r.PathValue("name"))
	if err != nil {
		return err
	}
	pair, err := pairOf(one, rater, q.Pair)
	if err != nil {
		return err
	}
	vote := rating.Vote{Rater: rater, Time: time.Now().UTC().Truncate(time.Second), Seconds: float64(int(10*q.Seconds)) / 10,
		Item: pair.Item, Left: pair.Left, Right: pair.Right, For: q.For, Repeat: pair.Repeat}
	for i, side := range []string{pair.Left, pair.Right} {
		work, err := one.work(pair, side)
		if err != nil {
			return err
		}
		f, err := s.workFile(r.Context(), work)
		if err != nil {
			return failf(http.StatusNotFound, "the work is not here any more: %w", err)
		}
		vote.Hashes[i] = f.Hash()[:16]
	}
	if err := s.keepVote(one, pair, vote); err != nil {
		return err
	}
	return answer(w, http.StatusCreated, vote)
}

// keepVote keeps a vote, unless its rater has voted on the pair.
func (s *Server) keepVote(one Rating, pair rating.Pair, vote rating.Vote) error {
	folder, err := s.ratingFolder(one.Name)
	if err != nil {
		return err
	}
	path := filepath.Join(folder, votesFile)
	release, err := rating.Hold(path, vote.Rater)
	if errors.Is(err, badinput.Err) {
		return laterf(http.StatusConflict, 1, "%s is voting in another window", vote.Rater)
	}
	if err != nil {
		return err
	}
	defer release()
	votes, _, err := rating.Read(path)
	if err != nil {
		return err
	}
	if len(rating.Left([]rating.Pair{pair}, votes, vote.Rater)) == 0 {
		return &statusError{status: http.StatusConflict, field: "pair", err: fmt.Errorf("%s has judged this pair already", vote.Rater)}
	}
	return rating.Keep(path, vote)
}
