package chatform

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/nikolalohinski/gonja/v2/builtins"
	"github.com/nikolalohinski/gonja/v2/config"
	"github.com/nikolalohinski/gonja/v2/exec"
	"github.com/nikolalohinski/gonja/v2/nodes"
	"github.com/nikolalohinski/gonja/v2/parser"
	"github.com/nikolalohinski/gonja/v2/tokens"

	controls "github.com/nikolalohinski/gonja/v2/builtins/control_structures"
)

var (
	errTime   = errors.New("the template takes too long")
	errSteps  = fmt.Errorf("the template takes more than %d steps", maxSteps)
	errOutput = fmt.Errorf("the template writes more than %d bytes", maxOutput)
	errValue  = fmt.Errorf("the template makes a value of more than %d bytes", maxValue)
)

// A refusal is what a template says of a conversation that it is not made for.
type refusal string

// Error implements error.
func (r refusal) Error() string { return "the template refuses the conversation: " + string(r) }

// cause is why a template failed: what it ran into first, or what the library says.
func (b *bounds) cause(err error) error {
	switch {
	case err == nil:
		return nil
	case b.failed != nil:
		return b.failed
	}
	return fmt.Errorf("the template fails: %w", oneLine(strings.TrimPrefix(err.Error(), "unable to execute template: ")))
}

// oneLine makes an error of a text that may hold parts of a template.
func oneLine(text string) error {
	const most = 200 // bytes
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + " ..."
	}
	return errors.New(text)
}

// bounds count what one execution of a template costs.
type bounds struct {
	until   time.Time
	steps   int
	written int
	failed  error // what ended it; the library passes errors on as text
}

// fail ends the execution.
func (b *bounds) fail(err error) error {
	if b.failed == nil {
		b.failed = err
	}
	return err
}

// step counts one step.
func (b *bounds) step() error {
	switch b.steps++; {
	case b.steps > maxSteps:
		return b.fail(errSteps)
	case b.steps%64 == 0 && time.Now().After(b.until):
		return b.fail(errTime)
	}
	return nil
}

// A boundedWriter counts what is written through all of an execution's.
type boundedWriter struct {
	to io.Writer
	b  *bounds
}

// bounded counts what is written to a writer.
func (b *bounds) bounded(to io.Writer) io.Writer {
	if _, already := to.(boundedWriter); already {
		return to
	}
	return boundedWriter{to, b}
}

// Write implements [io.Writer].
func (w boundedWriter) Write(p []byte) (int, error) {
	if w.b.written += len(p); w.b.written > maxOutput {
		return 0, w.b.fail(errOutput)
	}
	return w.to.Write(p)
}

// A guard stands before the statements of a loop or a macro: it counts a step, and checks the
// sizes of the variables that these began with.
type guard struct {
	nodes.ControlStructure
	b     *bounds
	names []string
}

// Execute implements [exec.ControlStructure].
func (g *guard) Execute(r *exec.Renderer, _ *nodes.ControlStructureBlock) error {
	r.Output = g.b.bounded(r.Output)
	for _, name := range g.names {
		if v, ok := r.Environment.Context.Get(name); ok && !fits(v) {
			return g.b.fail(errValue)
		}
	}
	return g.b.step()
}

// before puts a guard before the statements of a body.
func (b *bounds) before(body *nodes.Wrapper, of nodes.ControlStructure, names ...string) {
	if body != nil {
		body.Nodes = slices.Insert(body.Nodes, 0, nodes.Node(&nodes.ControlStructureBlock{Location: body.Location, Name: "guard", ControlStructure: &guard{of, b, names}}))
	}
}

// An assignment is a set statement whose variable is checked afterwards.
type assignment struct {
	exec.ControlStructure
	b    *bounds
	name string
}

// Execute implements [exec.ControlStructure].
func (s *assignment) Execute(r *exec.Renderer, tag *nodes.ControlStructureBlock) error {
	if err := s.ControlStructure.Execute(r, tag); err != nil {
		return err
	}
	if v, ok := r.Environment.Context.Get(s.name); ok && !fits(v) {
		return s.b.fail(errValue)
	}
	return s.b.step()
}

// statements are those that a template may have.
func (b *bounds) statements() map[string]parser.ControlStructureParser {
	get := func(name string) parser.ControlStructureParser {
		p, _ := builtins.ControlStructures.Get(name)
		return p
	}
	all := map[string]parser.ControlStructureParser{}
	for _, name := range []string{"if", "raw", "break", "continue", "generation"} {
		if p := get(name); p != nil {
			all[name] = p
		}
	}
	all["for"] = func(p, args *parser.Parser) (nodes.ControlStructure, error) {
		s, err := get("for")(p, args)
		if loop, ok := s.(*controls.ForControlStructure); ok && err == nil {
			if loop.Recursive {
				return nil, errors.New("recursive loops are not supported")
			}
			b.before(loop.BodyWrapper, loop, loop.Key, loop.Value)
		}
		return s, err
	}
	all["macro"] = func(p, args *parser.Parser) (nodes.ControlStructure, error) {
		s, err := get("macro")(p, args)
		if m, ok := s.(*controls.MacroControlStructure); ok && err == nil {
			names := []string{m.VarArgsName, m.KwArgsName}
			for _, given := range m.Kwargs {
				if key, ok := given.Key.(*nodes.String); ok {
					names = append(names, key.Val)
				}
			}
			b.before(m.Wrapper, m, names...)
		}
		return s, err
	}
	all["set"] = func(p, args *parser.Parser) (nodes.ControlStructure, error) {
		name := ""
		if t := args.Current(tokens.Name); t != nil {
			name = t.Val
		}
		s, err := get("set")(p, args)
		if set, ok := s.(exec.ControlStructure); ok && err == nil {
			return &assignment{set, b, name}, nil
		}
		return s, err
	}
	return all
}

// fits reports whether a value is small enough, with all that it holds.
func fits(v any) bool {
	room := maxValue
	return take(reflect.ValueOf(v), &room, 0)
}

// take takes the size of a value from the room that is left.
func take(v reflect.Value, room *int, depth int) bool {
	if *room--; *room < 0 || depth > 100 {
		return false
	}
	switch v.Kind() {
	case reflect.String:
		*room -= v.Len()
	case reflect.Interface, reflect.Pointer:
		if !v.IsNil() {
			return take(v.Elem(), room, depth+1)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			if !take(v.Index(i), room, depth+1) {
				return false
			}
		}
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			if !take(it.Key(), room, depth+1) || !take(it.Value(), room, depth+1) {
				return false
			}
		}
	case reflect.Struct:
		if held, ok := v.Interface().(reflect.Value); ok { // of exec.Value
			return !held.IsValid() || take(held, room, depth+1)
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() && !take(v.Field(i), room, depth+1) {
				return false
			}
		}
	}
	return *room >= 0
}

// checkTokens refuses what could cost more than it looks, or is not text at all: products,
// macros that call themselves, blocks that are set.
func checkTokens(source string, how *config.Config) error {
	var all []*tokens.Token
	for s := tokens.LexAll(source, how); !s.End(); s.Next() {
		if t := s.Current(); t.Type != tokens.Whitespace {
			all = append(all, t)
		}
	}
	macros := map[string]bool{} // true while inside
	inside := ""
	for i, t := range all {
		next := func(n int) tokens.Token {
			if i+n < len(all) {
				return *all[i+n]
			}
			return tokens.Token{}
		}
		statement := t.Type == tokens.BlockBegin
		switch {
		case t.Type == tokens.Error:
			return fmt.Errorf("line %d of the template: %s", t.Line, t.Val)
		case (t.Type == tokens.Multiply || t.Type == tokens.Power) && inside == "":
			return fmt.Errorf("line %d of the template: products are not supported", t.Line)
		case statement && next(1).Val == "macro":
			inside = next(2).Val
			macros[inside] = true
		case statement && next(1).Val == "endmacro":
			macros[inside], inside = false, ""
		case t.Type == tokens.Name:
			if running, is := macros[t.Val]; is && all[max(i-1, 0)].Val != "macro" && (running || next(1).Type != tokens.LeftParenthesis) {
				return fmt.Errorf("line %d of the template: macro %s is called by itself or passed on, which is not supported", t.Line, t.Val)
			}
		case statement && next(1).Val == "set":
			if !assigns(all[i:]) {
				return fmt.Errorf("line %d of the template: a block that is set is not supported", t.Line)
			}
		}
	}
	return nil
}

// assigns reports whether the statement at the beginning of tokens has a =.
func assigns(all []*tokens.Token) bool {
	for _, t := range all {
		if t.Type == tokens.Assign || t.Type == tokens.BlockEnd {
			return t.Type == tokens.Assign
		}
	}
	return false
}
