package page

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"atelier/jobs"
	"atelier/server"
)

// A talk is the page of a conversation.
type talk struct {
	Name   string
	Models []option
	Turns  []turn
	Others []option // conversations, called as they begin
}

// A turn is a message and its answer.
type turn struct {
	Job     int64
	Message string
	Answer  string
	State   jobs.State
	Problem string
	// Earlier is of the conversation that this one branched off.
	Earlier bool
}

// chat shows a conversation: the jobs that have its name.
func (p *pages) chat(r *http.Request) (content, error) {
	t := talk{Name: r.URL.Query().Get("c")}
	fields, err := p.fieldsOf(r, "chat", nil)
	if err != nil {
		return content{}, err
	}
	for _, f := range fields {
		if f.Name == "model" {
			t.Models = f.Options
		}
	}
	var page server.JobPage
	if err := p.get(r, "/jobs?app=chat&limit=500", &page); err != nil {
		return content{}, err
	}
	for _, j := range slices.Backward(page.Jobs) { // the oldest first
		var in struct {
			Message, Conversation string
			Before                []string
		}
		if json.Unmarshal(j.Inputs, &in) != nil || in.Conversation == "" {
			continue
		}
		if !slices.ContainsFunc(t.Others, func(o option) bool { return o.Value == in.Conversation }) {
			first := append(in.Before, in.Message)[0]
			t.Others = append(t.Others, option{in.Conversation, shortened(first), in.Conversation == t.Name})
		}
		if in.Conversation != t.Name {
			continue
		}
		for i := 0; i+1 < len(in.Before); i += 2 {
			t.Turns = append(t.Turns, turn{Message: in.Before[i], Answer: in.Before[i+1], State: jobs.Done, Earlier: true})
		}
		one := turn{Job: j.ID, Message: in.Message, State: j.State}
		if j.Problem != nil {
			one.Problem = j.Problem.Message
		}
		for _, o := range j.Outputs {
			if lookOf(o.MediaType) != "text" {
				continue
			}
			b, err := p.raw(r, strings.TrimPrefix(resultOf(j, o).Address, "/api/v1"))
			if err != nil {
				return content{}, err
			}
			one.Answer = strings.TrimSpace(string(b))
			break
		}
		t.Turns = append(t.Turns, one)
	}
	slices.Reverse(t.Others)
	return content{template: "chat", here: "chat", title: "Chat", data: t}, nil
}

// mostCalled is how many characters of a message a conversation is called by.
const mostCalled = 40

// shortened is the beginning of a text.
func shortened(text string) string {
	all := []rune(strings.Join(strings.Fields(text), " "))
	if len(all) <= mostCalled {
		return string(all)
	}
	return string(all[:mostCalled-1]) + "…"
}

// A concert is the page of music.
type concert struct {
	Runs   []option
	Pieces []result
}

// music lists what can be played, and the runs that can compose.
func (p *pages) music(r *http.Request) (content, error) {
	var c concert
	var runs server.RunPage
	if err := p.get(r, "/runs?can=writes", &runs); err != nil {
		return content{}, err
	}
	for _, one := range slices.Backward(runs.Runs) {
		c.Runs = append(c.Runs, option{Value: one.Name, Label: one.Name})
	}
	var page server.JobPage
	if err := p.get(r, "/jobs?state=done&limit=300", &page); err != nil {
		return content{}, err
	}
	for _, j := range page.Jobs {
		for _, o := range j.Outputs {
			if one := resultOf(j, o); one.Look == "music" || one.Look == "audio" {
				c.Pieces = append(c.Pieces, one)
			}
		}
	}
	return content{template: "music", here: "music", title: "Music", data: c}, nil
}
