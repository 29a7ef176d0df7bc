package server

import (
	"bytes"
	"fmt"
	"image/png"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"atelier/jobs"
	"atelier/model/rating"
)

// Two jobs are judged blind: works say nothing of where they are from, each vote is kept once, and
// the better side comes out.
func TestRatings(t *testing.T) {
	s := start(t)
	may := s.tokenOf(Make)
	var made []jobs.Job
	for seed := range 2 {
		made = append(made, s.done("generate", map[string]any{"run": "0001-clothes", "n": 6, "seed": seed + 1}, "?apart=true"))
	}
	var r Rating
	s.want(201, sent{method: "POST", path: "/ratings", token: may, body: map[string]any{"name": "both", "jobs": []int64{made[0].ID, made[1].ID}}}, &r)
	if len(r.Sides) != 2 || r.Items != len(made[0].Outputs) || r.Width == 0 {
		t.Fatalf("%+v", r)
	}
	if _, b := s.do(sent{method: "GET", path: "/ratings/both"}); !bytes.Contains(b, []byte(`"standings":[]`)) || !bytes.Contains(b, []byte(`"raters":[]`)) {
		t.Errorf("without votes: %s", b)
	}
	var tokens []Token
	s.want(200, sent{method: "GET", path: "/tokens"}, &tokens)
	for _, name := range []string{ownerName, tokens[0].Name, "bea"} {
		token := s.tokenOf(Make)
		s.problem(403, sent{method: "GET", path: "/ratings/both/pairs?rater=" + name, token: token})
		s.problem(403, sent{method: "GET", path: "/ratings/both/pairs/0/left?rater=" + name, token: token})
		s.problem(403, sent{method: "POST", path: "/ratings/both/votes", token: token, body: map[string]any{"rater": name, "pair": 0, "for": "tie"}})
		if name == "bea" {
			continue
		}
		token = s.tokenOf(Admin)
		s.problem(422, sent{method: "GET", path: "/ratings/both/pairs?rater=" + name, token: token})
		s.problem(422, sent{method: "POST", path: "/ratings/both/votes", token: token, body: map[string]any{"rater": name, "pair": 0, "for": "tie"}})
	}
	release, err := rating.Hold(filepath.Join(s.config.Home, "ratings", "both", votesFile), "bea")
	if err != nil {
		t.Fatal(err)
	}
	a, _ := s.do(sent{method: "POST", path: "/ratings/both/votes", body: map[string]any{"rater": "bea", "pair": 0, "for": "tie"}})
	if a.StatusCode != http.StatusConflict || a.Header.Get("Retry-After") == "" {
		t.Error(a.Status, a.Header)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	better := r.Sides[1].Name
	var page RatingPairs
	for judged := 0; ; judged++ {
		s.want(200, sent{method: "GET", path: "/ratings/both/pairs?rater=ann&limit=1"}, &page)
		if page.Done != judged {
			t.Fatalf("%d votes are kept, want %d", page.Done, judged)
		}
		if len(page.Pairs) == 0 {
			break
		}
		p, sides := page.Pairs[0], [2]string{}
		for i, address := range []string{p.Left, p.Right} {
			a, b := s.do(sent{method: "GET", path: strings.TrimPrefix(address, base)})
			if a.StatusCode != http.StatusOK || a.Header.Get("Content-Type") != "image/png" || bytes.Contains(b, []byte("atelier")) || bytes.Contains(b, []byte("clothes")) {
				t.Fatalf("%s: %s %s", address, a.Status, a.Header)
			}
			if _, err := png.Decode(bytes.NewReader(b)); err != nil {
				t.Fatal(err)
			}
			sides[i] = string(b)
		}
		plan := r.plan("ann")
		vote := map[string]any{"rater": "ann", "pair": p.Pair, "for": rating.ForLeft, "seconds": 1.5}
		if plan[p.Pair].Right == better {
			vote["for"] = rating.ForRight
		}
		var kept rating.Vote
		s.want(201, sent{method: "POST", path: "/ratings/both/votes", body: vote}, &kept)
		if kept.Hashes[0] == kept.Hashes[1] || sides[0] == sides[1] {
			t.Error("both sides are the same work")
		}
		if got := s.problem(409, sent{method: "POST", path: "/ratings/both/votes", body: vote}); !strings.Contains(got.Detail, "already") {
			t.Error(got.Detail)
		}
	}
	var scores RatingScores
	s.want(200, sent{method: "GET", path: "/ratings/both", token: s.tokenOf(Read)}, &scores)
	best := scores.Scores.Standings[0]
	if best.Side != better || best.Losses != 0 || scores.Scores.Votes != r.Items || scores.Scores.Raters[0].Same != scores.Scores.Raters[0].Asked {
		t.Errorf("%+v", scores.Scores)
	}
	var all []RatingEntry
	if s.want(200, sent{method: "GET", path: "/ratings"}, &all); len(all) != 1 || all[0].Votes != page.Total {
		t.Errorf("%+v", all)
	}
	var kept rating.Vote
	vote := sent{method: "POST", path: "/ratings/both/votes?rater=bob", body: map[string]any{"pair": 0, "for": "tie"}}
	if s.want(201, vote, &kept); kept.Rater != "bob" {
		t.Errorf("a vote of bob is kept as one of %s", kept.Rater)
	}
	vote.body = map[string]any{"rater": "ann", "pair": 0, "for": "tie"}
	if p := s.problem(422, vote); p.Field != "rater" {
		t.Errorf("%+v", p)
	}
	s.want(200, sent{method: "DELETE", path: fmt.Sprintf("/jobs/%d", made[0].ID)}, nil)
	if s.want(200, sent{method: "GET", path: "/ratings/both/pairs?rater=cid"}, &page); len(page.Pairs) != 0 || page.Total != 0 || page.Gone != len(r.plan("cid")) {
		t.Errorf("a job is gone: %+v", page)
	}
}

// Works of a dataset are shown like those that are generated, and tunes can be heard.
func TestRatedSorts(t *testing.T) {
	s := start(t)
	body, kind := pictures(30)
	var up Upload
	s.want(201, sent{method: "POST", path: "/uploads", body: body, head: map[string]string{"Content-Type": kind}}, &up)
	s.done("data-add", map[string]any{"name": "mine", "sources": []any{map[string]any{"upload": up.ID}}, "clean": []string{"none"}}, "")
	drawn := s.done("generate", map[string]any{"run": "0001-clothes", "n": 3}, "?apart=true")
	tunes := [2]jobs.Job{}
	for i := range tunes {
		tunes[i] = s.done("compose", map[string]any{"bars": 4, "seed": i + 1}, "")
	}
	shown := func(name string, q map[string]any, media string) (works [2][]byte) {
		q["name"] = name
		s.want(201, sent{method: "POST", path: "/ratings", body: q}, nil)
		var page RatingPairs
		s.want(200, sent{method: "GET", path: "/ratings/" + name + "/pairs"}, &page)
		for i, address := range []string{page.Pairs[0].Left, page.Pairs[0].Right} {
			a, b := s.do(sent{method: "GET", path: strings.TrimPrefix(address, base)})
			if works[i] = b; a.StatusCode != http.StatusOK || a.Header.Get("Content-Type") != media {
				t.Fatalf("%s: %s %s", name, a.Status, a.Header)
			}
		}
		return works
	}
	before := RatingPairs{}
	s.want(201, sent{method: "POST", path: "/ratings", body: map[string]any{"name": "erased", "jobs": []int64{drawn.ID}, "dataset": "mine"}}, nil)
	s.want(200, sent{method: "GET", path: "/ratings/erased/pairs"}, &before)
	var sizes [2][2]int
	for i, b := range shown("real", map[string]any{"jobs": []int64{drawn.ID}, "dataset": "mine"}, "image/png") {
		img, err := png.Decode(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		sizes[i] = [2]int{img.Bounds().Dx(), img.Bounds().Dy()}
	}
	if sizes[0] != sizes[1] {
		t.Errorf("pictures are told by their sizes %v", sizes)
	}
	for _, b := range shown("tunes", map[string]any{"jobs": []int64{tunes[0].ID, tunes[1].ID}}, "audio/wav") {
		if _, err := io.ReadFull(bytes.NewReader(b), make([]byte, 1<<16)); err != nil {
			t.Error("a tune is short:", err)
		}
	}
	for _, c := range []struct {
		status int
		q      map[string]any
		want   string
	}{
		{422, map[string]any{"jobs": []int64{drawn.ID}}, "want 2 to 8 sides"},
		{422, map[string]any{"jobs": []int64{drawn.ID, drawn.ID}}, "named twice"},
		{422, map[string]any{"jobs": []int64{drawn.ID, tunes[0].ID}}, "compare works of one sort"},
		{422, map[string]any{"jobs": []int64{drawn.ID, 999}}, "there is no job 999"},
		{422, map[string]any{"jobs": []int64{drawn.ID}, "dataset": "none"}, "none"},
		{422, map[string]any{"jobs": []int64{drawn.ID}, "dataset": "mine", "name": "../x"}, "cannot have"},
		{409, map[string]any{"jobs": []int64{drawn.ID}, "dataset": "mine", "name": "real"}, "already"},
	} {
		if got := s.problem(c.status, sent{method: "POST", path: "/ratings", body: c.q}); !strings.Contains(got.Detail, c.want) {
			t.Errorf("%v: %s", c.q, got.Detail)
		}
	}
	for _, path := range []string{"/ratings/nothing", "/ratings/real/pairs/999/left", "/ratings/real/pairs/0/middle", "/ratings/..%2f..", "/ratings/real/pairs/x/left"} {
		s.problem(404, sent{method: "GET", path: path})
	}
	s.problem(422, sent{method: "POST", path: "/ratings/real/votes", body: map[string]any{"pair": 0, "for": "both"}})
	var erased Rating
	s.want(200, sent{method: "GET", path: "/ratings/erased"}, &erased)
	_, sha, _ := strings.Cut(erased.Sides[1].Works[0].Item, "/")
	s.want(200, sent{method: "POST", path: "/datasets/mine/forget", body: map[string]any{"items": []string{sha}, "erase": true}}, nil)
	var after RatingPairs
	if s.want(200, sent{method: "GET", path: "/ratings/erased/pairs"}, &after); before.Gone != 0 || after.Gone < 1 || after.Total != before.Total-after.Gone || after.Total == 0 {
		t.Errorf("%+v before an Item was erased, %+v after", before, after)
	}
	s.problem(404, sent{method: "POST", path: "/ratings/real/votes", body: map[string]any{"pair": -1, "for": "tie"}})
	s.problem(403, sent{method: "POST", path: "/ratings/real/votes", token: s.tokenOf(Read), body: map[string]any{"pair": 0, "for": "tie"}})
}
