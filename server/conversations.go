package server

import (
	"cmp"
	"errors"
	"net/http"
	"time"

	"atelier/internal/badinput"
	"atelier/internal/conversation"
)

var conversationRoutes = []route{
	{method: "GET", path: "/conversations", scope: Read, summary: "List the conversations, the latest last", do: (*Server).listConversations, gives: []ConversationEntry{}},
	{method: "GET", path: "/conversations/{name}", scope: Read, summary: "Get what was said in a conversation; the app chat goes on with it", do: (*Server).getConversation, gives: Conversation{}},
	{method: "POST", path: "/conversations/{name}/branch", scope: Make, summary: "Begin a conversation with the first exchanges of another, to go on differently", do: (*Server).branchConversation,
		takes: Branch{}, gives: Conversation{}, status: http.StatusCreated},
	{method: "DELETE", path: "/conversations/{name}", scope: Admin, summary: "Remove a conversation for good, with the jobs of its messages", do: (*Server).deleteConversation, status: http.StatusNoContent},
}

// A ConversationEntry is a conversation at a glance.
type ConversationEntry struct {
	Name string `json:"name"`
	// First is the first message, Messages how many there are, without their answers.
	First    string    `json:"first"`
	Messages int       `json:"messages"`
	Changed  time.Time `json:"changed"`
	// Torn is the number of lines of its file that cannot be read, and are left out.
	Torn int `json:"torn,omitempty"`
}

// A Conversation is what was said under a name.
type Conversation struct {
	Name      string                  `json:"name"`
	Exchanges []conversation.Exchange `json:"exchanges"`
	Changed   time.Time               `json:"changed"`
	// Torn is the number of lines of its file that cannot be read, and are left out.
	Torn int `json:"torn,omitempty"`
}

// A Branch asks for a conversation that begins like another.
type Branch struct {
	// Name is that of the new one.
	Name string `json:"name"`
	// Exchanges is how many it begins with: all but the last one, for another answer to the last message.
	Exchanges int `json:"exchanges"`
}

// conversations is the folder of the conversations.
func (s *Server) conversations() (conversation.Folder, error) {
	return conversation.In(s.config.Workshop.Studio.Home)
}

// conversation finds the one of a name.
func (s *Server) conversation(name string) (*conversation.Conversation, error) {
	in, err := s.conversations()
	if err != nil {
		return nil, err
	}
	c, err := in.Find(name)
	if errors.Is(err, badinput.Err) {
		err = failf(http.StatusNotFound, "%w", err)
	}
	return c, err
}

// shownConversation is how clients see one.
func shownConversation(c *conversation.Conversation) Conversation {
	return Conversation{c.Name, append([]conversation.Exchange{}, c.Exchanges...), c.Changed.UTC(), c.Torn}
}

func (s *Server) listConversations(w http.ResponseWriter, _ *http.Request) error {
	in, err := s.conversations()
	if err != nil {
		return err
	}
	all, err := in.All()
	if err != nil {
		return err
	}
	entries := []ConversationEntry{}
	for _, c := range all {
		entries = append(entries, ConversationEntry{c.Name, c.First(), c.Messages(), c.Changed.UTC(), c.Torn})
	}
	return answer(w, http.StatusOK, entries)
}

func (s *Server) getConversation(w http.ResponseWriter, r *http.Request) error {
	c, err := s.conversation(r.PathValue("name"))
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, shownConversation(c))
}

// branchConversation copies the beginning of a conversation. What is branched from stays as it is.
func (s *Server) branchConversation(w http.ResponseWriter, r *http.Request) error {
	var b Branch
	if err := decode(w, r, &b); err != nil {
		return err
	}
	c, err := s.conversation(r.PathValue("name"))
	if err != nil {
		return err
	}
	if b.Exchanges < 0 || b.Exchanges > len(c.Exchanges) {
		return fieldf("exchanges", "want 0 to %d, got %d", len(c.Exchanges), b.Exchanges)
	}
	if err := conversation.CheckName(b.Name); err != nil {
		return fieldf("name", "%w", err)
	}
	if err := mayChange(r.Context(), "the conversation "+c.Name, cmp.Or(c.Owner, ownerName)); err != nil {
		return err
	}
	in, err := s.conversations()
	if err != nil {
		return err
	}
	owner := "" // that of the home
	if by := CallerOf(r.Context()); by.Scope < Admin {
		owner = by.Name
	}
	branch, err := in.Create(b.Name, owner)
	if errors.Is(err, conversation.ErrExists) {
		return failf(http.StatusConflict, "there is a conversation %q already", b.Name)
	}
	if err != nil {
		return err
	}
	for _, e := range c.Exchanges[:b.Exchanges] {
		if err := branch.Add(e); err != nil {
			return err
		}
	}
	w.Header().Set("Location", base+"/conversations/"+b.Name)
	return answer(w, http.StatusCreated, shownConversation(branch))
}

// deleteConversation removes a conversation, and the jobs of its messages with what they answered.
func (s *Server) deleteConversation(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("name")
	if _, err := s.conversation(name); err != nil {
		return err
	}
	in, err := s.conversations()
	if err == nil {
		err = s.queue.RemoveConversation(r.Context(), name, func() error { return in.Delete(name) })
	}
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
