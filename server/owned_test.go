package server

import (
	"fmt"
	"testing"

	"atelier/app"
	"atelier/jobs"
)

// A token changes what was made with it, looks at what others made, and changes nothing of that; one
// of scope admin changes all.
func TestOwned(t *testing.T) {
	s := start(t)
	one, other, admin := s.tokenOf(Make), s.tokenOf(Make), s.tokenOf(Admin)
	var up Upload
	s.want(201, sent{method: "POST", path: "/uploads?name=a.txt", body: []byte("text"), token: one}, &up)
	var begun Upload
	s.want(201, sent{method: "POST", path: "/uploads", token: one}, &begun)
	var j jobs.Job
	s.want(201, sent{method: "POST", path: "/apps/write", body: story, token: one, head: map[string]string{"Prefer": "wait=60"}}, &j)
	var training jobs.Job
	s.want(201, sent{method: "POST", path: "/apps/train", token: one, head: map[string]string{"Prefer": "wait=120"},
		body: map[string]any{"recipe": "fashion", "settings": append([]string{"name=own", "limit=64"}, tiny...)}}, &training)
	if training.State != jobs.Done {
		t.Fatalf("%+v %+v", training, training.Problem)
	}
	if d, err := s.run(training.Run); err != nil || d.MadeBy() != training.By { // which stays if the ledger is lost
		t.Fatalf("made by %q, want %q, error %v", d.MadeBy(), training.By, err)
	}
	var copied app.Summary
	s.want(201, sent{method: "POST", path: "/runs/clothes/copy", token: one, body: RunCopy{Name: "mine"}}, &copied)
	if p := s.problem(422, sent{method: "POST", path: "/runs/clothes/copy", token: one, body: RunCopy{Name: "../x"}}); p.Field != "name" {
		t.Errorf("%+v", p)
	}
	s.want(200, sent{method: "PATCH", path: "/queue", body: QueueChange{Paused: true}}, nil)
	var waits jobs.Job
	s.want(201, sent{method: "POST", path: "/apps/write", body: story, token: one}, &waits)
	s.want(200, sent{method: "GET", path: fmt.Sprintf("/results/%d/%s", j.ID, j.Outputs[0].Name), token: other}, nil)
	changes := []sent{
		{method: "PATCH", path: fmt.Sprintf("/jobs/%d", waits.ID), body: JobChange{Priority: 3}},
		{method: "DELETE", path: fmt.Sprintf("/jobs/%d", waits.ID)},
		{method: "POST", path: fmt.Sprintf("/jobs/%d/retry", waits.ID)},
		{method: "DELETE", path: fmt.Sprintf("/jobs/%d", j.ID)},
		{method: "POST", path: fmt.Sprintf("/jobs/%d/restore", j.ID)},
		{method: "DELETE", path: fmt.Sprintf("/jobs/%d", j.ID)},
		{method: "POST", path: fmt.Sprintf("/trash/job-%d/restore", j.ID)},
		{method: "PATCH", path: "/uploads/" + begun.ID + "/files/a.txt", body: []byte("text")},
		{method: "DELETE", path: "/uploads/" + up.ID},
		{method: "POST", path: "/uploads/" + up.ID + "/restore"},
		{method: "DELETE", path: "/uploads/" + up.ID},
		{method: "POST", path: "/trash/upload-" + up.ID + "/restore"},
		{method: "POST", path: "/runs/" + training.Run + "/resume", body: Resumption{Steps: 8}},
		{method: "POST", path: "/apps/train", body: map[string]any{"resume": training.Run, "settings": []string{"steps=8"}}},
		{method: "POST", path: "/apps/evaluate", body: map[string]any{"run": training.Run}},
		{method: "POST", path: "/runs/" + training.Run + "/prune"},
		{method: "POST", path: "/runs/" + copied.Name + "/prune"},
		{method: "DELETE", path: "/runs/" + copied.Name},
		{method: "DELETE", path: "/runs/" + training.Run},
		{method: "POST", path: "/trash/run-" + training.Run + "/restore"},
	}
	for i, c := range changes {
		for _, token := range []string{other, one} {
			c.token = token
			a, b := s.do(c)
			if refused := a.StatusCode == 403; refused != (token == other) || token == one && a.StatusCode >= 300 {
				t.Errorf("%d %s %s, own %v: %d %s", i, c.method, c.path, token == one, a.StatusCode, b)
			}
		}
	}
	for _, path := range []string{"/runs/clothes", "/runs/own"} { // the owner's, and another's
		s.problem(403, sent{method: "DELETE", path: path, token: other})
		s.want(200, sent{method: "DELETE", path: path, token: admin}, nil)
	}
	s.want(200, sent{method: "DELETE", path: fmt.Sprintf("/jobs/%d", j.ID), token: admin}, nil)
}
