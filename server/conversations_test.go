package server

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"atelier/jobs"
)

// A conversation goes on message by message through jobs, is read as it was said, and branches where
// another answer is wanted; the first stays as it was.
func TestConversations(t *testing.T) {
	s := start(t)
	say := func(name, message string) {
		t.Helper()
		s.done("chat", map[string]any{"conversation": name, "message": message}, "")
	}
	say("walk", "What is a run?")
	say("walk", "How do I train?")
	var c Conversation
	s.want(200, sent{method: "GET", path: "/conversations/walk"}, &c)
	if len(c.Exchanges) != 2 || c.Exchanges[0].Message != "What is a run?" || c.Exchanges[1].Answer == "" {
		t.Fatalf("%+v", c)
	}
	may := s.tokenOf(Make)
	var branch Conversation
	s.want(201, sent{method: "POST", path: "/conversations/walk/branch", body: Branch{"other", 1}}, &branch)
	if branch.Name != "other" || len(branch.Exchanges) != 1 || branch.Exchanges[0] != c.Exchanges[0] {
		t.Errorf("%+v", branch)
	}
	say("other", "What is a dataset?")
	var all []ConversationEntry
	s.want(200, sent{method: "GET", path: "/conversations"}, &all)
	if len(all) != 2 || all[0].First != "What is a run?" || all[0].Messages != 2 || all[1].Messages != 2 {
		t.Errorf("%+v", all)
	}
	s.problem(409, sent{method: "POST", path: "/conversations/walk/branch", body: Branch{"other", 1}})
	for field, b := range map[string]Branch{"name": {"../x", 1}, "exchanges": {"third", 3}} {
		if p := s.problem(422, sent{method: "POST", path: "/conversations/walk/branch", body: b}); p.Field != field {
			t.Errorf("%+v", p)
		}
	}
	s.problem(404, sent{method: "GET", path: "/conversations/none"})
	s.problem(404, sent{method: "GET", path: "/conversations/..%2fstudio"})
	s.problem(403, sent{method: "DELETE", path: "/conversations/other", token: may})
	s.want(204, sent{method: "DELETE", path: "/conversations/other"}, nil)
	s.problem(404, sent{method: "GET", path: "/conversations/other"})
	s.want(200, sent{method: "GET", path: "/conversations/walk"}, nil)
	if err := os.WriteFile(filepath.Join(s.home, "conversations", "bad.jsonl"), []byte("garbage\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if s.want(200, sent{method: "GET", path: "/conversations/bad"}, &c); c.Torn != 1 {
		t.Errorf("%+v", c)
	}
	s.want(200, sent{method: "GET", path: "/conversations"}, &all)
	for _, one := range all {
		if (one.Torn == 1) != (one.Name == "bad") {
			t.Errorf("%+v", one)
		}
	}
	s.want(200, sent{method: "PATCH", path: "/queue", body: QueueChange{Paused: true}}, nil)
	var waits jobs.Job
	s.want(201, sent{method: "POST", path: "/apps/chat", body: map[string]any{"conversation": "walk", "message": "And?"}}, &waits)
	s.want(204, sent{method: "DELETE", path: "/conversations/walk"}, nil)
	s.problem(404, sent{method: "GET", path: fmt.Sprintf("/jobs/%d", waits.ID)})
	if n := s.queue.Waiting(); n != 0 {
		t.Errorf("%d messages still wait", n)
	}
}

// A token goes on with, and branches off, only the conversations that it began; the owner all.
func TestConversationsOwned(t *testing.T) {
	s := start(t)
	one, other := s.tokenOf(Make), s.tokenOf(Make)
	say := func(token, name, message string) sent {
		return sent{method: "POST", path: "/apps/chat", token: token, body: map[string]any{"conversation": name, "message": message}, head: map[string]string{"Prefer": "wait=60"}}
	}
	var first jobs.Job
	s.want(201, say(one, "hol", "What is a run?"), &first)
	s.want(201, say("", "mine", "What is a run?"), nil)
	for _, c := range []sent{say(other, "hol", "And?"), say(other, "mine", "And?"), {method: "POST", path: "/conversations/hol/branch", body: Branch{"b", 1}, token: other}} {
		s.problem(403, c)
	}
	for _, model := range []string{"remote", "remote:large"} {
		asked := say(one, "far", "What is a run?")
		asked.body.(map[string]any)["model"] = model
		if p := s.problem(422, asked); p.Field != "model" || !strings.Contains(p.Detail, "scope admin") {
			t.Errorf("%+v", p)
		}
	}
	s.problem(404, sent{method: "GET", path: "/conversations/far"})
	if p := s.problem(422, say(one, "hol", " \n ")); p.Field != "message" {
		t.Errorf("%+v", p)
	}
	s.want(201, say(one, "hol", "What is a dataset?"), nil)
	s.want(201, say("", "hol", "How do I train?"), nil)
	var c Conversation
	if s.want(200, sent{method: "GET", path: "/conversations/hol"}, &c); len(c.Exchanges) != 3 {
		t.Errorf("%+v", c)
	}
	s.want(201, sent{method: "POST", path: "/conversations/hol/branch", body: Branch{Name: "none"}, token: one}, &c)
	if len(c.Exchanges) != 0 || c.Changed.IsZero() {
		t.Errorf("%+v", c)
	}
	s.want(200, sent{method: "GET", path: "/conversations/none"}, nil)
	s.problem(403, say(other, "none", "And?"))
	s.problem(409, sent{method: "POST", path: "/conversations/hol/branch", body: Branch{Name: "none"}, token: one})
	s.want(204, sent{method: "DELETE", path: "/conversations/hol"}, nil)
	for _, path := range []string{fmt.Sprintf("/jobs/%d", first.ID), fmt.Sprintf("/results/%d/%s", first.ID, first.Outputs[0].Name)} {
		s.problem(404, sent{method: "GET", path: path})
	}
}

// A message that nothing answers leaves its conversation to whoever is answered first.
func TestConversationsUnanswered(t *testing.T) {
	s := start(t)
	one, other := s.tokenOf(Make), s.tokenOf(Make)
	say := func(token, model string) (j jobs.Job) {
		t.Helper()
		inputs := map[string]any{"conversation": "hol", "message": "What is a run?"}
		if model != "" {
			inputs["model"] = model
		}
		s.want(201, sent{method: "POST", path: "/apps/chat", token: token, body: inputs, head: map[string]string{"Prefer": "wait=60"}}, &j)
		return j
	}
	if j := say(one, "1"); j.State != jobs.Failed { // a run that draws, and cannot write
		t.Fatalf("%+v", j)
	}
	s.problem(404, sent{method: "GET", path: "/conversations/hol"})
	if j := say(other, ""); j.State != jobs.Done {
		t.Fatalf("%+v", j)
	}
	s.problem(403, sent{method: "POST", path: "/apps/chat", token: one, body: map[string]any{"conversation": "hol", "message": "And?"}})
	if j := say(other, ""); j.State != jobs.Done {
		t.Fatalf("%+v", j)
	}
}

// What was said in a conversation that is deleted is in no file of the home, while the studio goes on.
func TestConversationsLeaveNothing(t *testing.T) {
	s := start(t)
	const said = "zebrafinches"
	s.done("chat", map[string]any{"conversation": "walk", "message": "What do " + said + " sing?"}, "")
	s.want(204, sent{method: "DELETE", path: "/conversations/walk"}, nil)
	err := filepath.WalkDir(s.home, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if bytes.Contains(text, []byte(said)) {
			t.Errorf("%s still has it", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
