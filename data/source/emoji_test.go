package source

import "testing"

func TestNameEmoji(t *testing.T) {
	for text, want := range map[string]string{
		"🚀": "rocket", "❤️": "red heart", "❤": "red heart", "a 🚀in space": "a rocket in space", "❤️‍🔥": "heart on fire",
		"👋🏽": "waving hand: medium skin tone", "🚀🚀": "rocket rocket",
		"👩🏽‍🚀": "woman astronaut: medium skin tone", "👩🏿‍🦰!": "woman: dark skin tone, red hair !",
		"red  heart": "red  heart", "红心, 7 #": "红心, 7 #", "🇫🇷": "🇫🇷", "": "",
	} {
		got, all := NameEmoji(text)
		if got != want || (len(all) > 0) != (got != text) {
			t.Errorf("%q is named %q, %v; want %q", text, got, all, want)
		}
	}
}
