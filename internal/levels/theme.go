package levels

import (
	"embed"
	"fmt"
	"slices"
	"strings"
	"sync"

	"atelier/internal/badinput"
	"atelier/internal/registry"
	"atelier/internal/tilemap"
)

// The rules and the maps that come with the program.
//
//go:embed themes
var themeFiles embed.FS

// Themes are the names of the rules that come with the program; of all but the last, maps do as well.
var Themes = []string{"dungeon", "garden", "platform", "crawl"}

// themeRules are the rules of a theme.
var themeRules = func() map[string]func() (*Rules, error) {
	all := map[string]func() (*Rules, error){}
	for _, name := range Themes {
		all[name] = sync.OnceValues(func() (*Rules, error) {
			text, err := themeFiles.ReadFile("themes/" + name + ".toml")
			if err != nil {
				return nil, err
			}
			return ParseRules(text)
		})
	}
	return all
}()

// RulesOf are the rules of a theme.
func RulesOf(theme string) (*Rules, error) {
	r, ok := themeRules[theme]
	if !ok {
		return nil, badinput.Errorf("no theme %q; %s", theme, registry.Suggest(theme, Themes))
	}
	return r()
}

// A Named is a map with its name.
type Named struct {
	Name string
	*tilemap.Map
}

// mapMark begins the line with the name of a map in a file of several.
const mapMark = "== "

// Own are the maps of a theme that come with the program, which were made for it, in order.
func Own(theme string) ([]Named, error) {
	text, err := themeFiles.ReadFile("themes/" + theme + ".txt")
	if err != nil {
		return nil, badinput.Errorf("no maps of the theme %q come with the program; %s", theme, registry.Suggest(theme, Themes[:len(Themes)-1]))
	}
	var all []Named
	for _, part := range strings.Split(string(text), mapMark)[1:] {
		name, drawn, _ := strings.Cut(part, "\n")
		m, err := tilemap.ReadText([]byte(drawn))
		if err != nil {
			return nil, fmt.Errorf("map %s: %w", name, err)
		}
		all = append(all, Named{name, m})
	}
	return slices.Clip(all), nil
}
