package page

import (
	"strings"
	"testing"
)

// Markdown is shown with its marks, and fetches and runs nothing.
func TestFormatted(t *testing.T) {
	for text, want := range map[string]string{
		"Run `atelier train`.\nThen **wait**.": "<p>Run <code>atelier train</code>.<br>\nThen <strong>wait</strong>.</p>\n",
		"# One":                                "<p><strong>One</strong></p>\n",
		"- a\n- b":                             "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n",
		"```\n<b>\n```":                        `<pre tabindex="0"><code>` + "&lt;b&gt;\n</code></pre>\n",
		"a <img src=x onerror=alert(1)> b":     "<p>a &lt;img src=x onerror=alert(1)&gt; b</p>\n",
		"<script>alert(1)</script>":            "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n",
		"<div>\n**a**\n</div>":                 "<p>&lt;div&gt;<br>\n<strong>a</strong><br>\n&lt;/div&gt;</p>\n",
		"a list<b c>d, <name> and `<x>`<br>e":  "<p>a list&lt;b c&gt;d, &lt;name&gt; and <code>&lt;x&gt;</code><br>e</p>\n",
		"See https://example.org/a?b=c&d. Or ftp://example.org/x, me@example.org": `<p>See <a href="https://example.org/a?b=c&amp;d" target="_blank" rel="noopener noreferrer">https://example.org/a?b=c&amp;d</a>. Or ftp://example.org/x, me@example.org</p>` + "\n",
		"![a *cat*](https://example.org/cat.png)":                                 "<p>a <em>cat</em></p>\n",
		"[here](javascript:alert(1)) [there](docs/data.md)":                       "<p>here there</p>\n",
		`[web](https://example.org/?a="b&c "title")`:                              `<p><a href="https://example.org/?a=&#34;b&amp;c" target="_blank" rel="noopener noreferrer">web</a></p>` + "\n",
		"<https://example.org> <data:text/html,x>":                                `<p><a href="https://example.org" target="_blank" rel="noopener noreferrer">https://example.org</a> data:text/html,x</p>` + "\n",
		"| a | b |\n|:--|--:|\n| 1 | 2 |":                                         `<div class="scroll" tabindex="0"><table>` + "\n<thead>\n<tr>\n" + `<th align="left">a</th>` + "\n" + `<th align="right">b</th>` + "\n</tr>\n</thead>\n<tbody>\n<tr>\n" + `<td align="left">1</td>` + "\n" + `<td align="right">2</td>` + "\n</tr>\n</tbody>\n</table></div>\n",
		"一 < 二 & 三":                                                               "<p>一 &lt; 二 &amp; 三</p>\n",
	} {
		got, err := formatted(text)
		if err != nil || string(got) != want {
			t.Errorf("%q: %q, want %q, %v", text, got, want, err)
		}
	}
	if got, err := formatted(strings.Repeat("> ", 5000) + "deep"); err != nil || !strings.Contains(string(got), "deep") {
		t.Error(len(got), err)
	}
}
