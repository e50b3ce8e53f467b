package theme

// palettes are the built-in themes. The first dark and the first light one are
// the defaults. The well-known ones are lifted where their authors' colours are
// under a contrast of 4.5:1 on their own ground.
var palettes = [...]palette{
	{
		name: "dusk", dark: true, background: 0x11151c, selection: 0x22304a,
		colors: [tokens]rgb{
			Text: 0xd0d7de, Muted: 0x98a2ae, Faint: 0x3d4652, Title: 0xf0f4f8, Accent: 0x7cc7ff,
			Good: 0x7ee2a8, Warn: 0xf2c27b, Bad: 0xff8b8b, Down: 0x6cc5e0, Up: 0xc3a6ff,
			Border: 0x3a4452, BorderFocus: 0x7cc7ff,
			Heat0: 0xff6b6b, Heat1: 0xf2b45c, Heat2: 0x35708c, Heat3: 0x4789a8, Heat4: 0x57a5c4, Heat5: 0x8fd3ea,
		},
	},
	{
		name: "paper", background: 0xfbfaf7, selection: 0xdfe9f6,
		colors: [tokens]rgb{
			Text: 0x24292f, Muted: 0x59616b, Faint: 0xc9cdd2, Title: 0x0b0f14, Accent: 0x0053a6,
			Good: 0x17663a, Warn: 0x7d4a00, Bad: 0xb42318, Down: 0x005f73, Up: 0x7136b0,
			Border: 0xc4c9cf, BorderFocus: 0x0053a6,
			Heat0: 0xc22b1f, Heat1: 0xb36b00, Heat2: 0x6394a9, Heat3: 0x347a9c, Heat4: 0x1f6680, Heat5: 0x043a54,
		},
	},
	{
		name: "nord", dark: true, background: 0x2e3440, selection: 0x3d4658,
		colors: [tokens]rgb{
			Text: 0xe5e9f0, Muted: 0xb4bdcc, Faint: 0x4c566a, Title: 0xeceff4, Accent: 0x88c0d0,
			Good: 0xa3be8c, Warn: 0xebcb8b, Bad: 0xf0a0a6, Down: 0x8fbcbb, Up: 0xcfb2ca,
			Border: 0x4c566a, BorderFocus: 0x88c0d0,
			Heat0: 0xe0838b, Heat1: 0xebcb8b, Heat2: 0x81a1c1, Heat3: 0x88c0d0, Heat4: 0x8fc7c0, Heat5: 0xeceff4,
		},
	},
	{
		name: "gruvbox", dark: true, background: 0x282828, selection: 0x423d39,
		colors: [tokens]rgb{
			Text: 0xebdbb2, Muted: 0xbdae93, Faint: 0x504945, Title: 0xfbf1c7, Accent: 0xfabd2f,
			Good: 0xb8bb26, Warn: 0xfe9d45, Bad: 0xff8a75, Down: 0x8ec07c, Up: 0xe5a5b8,
			Border: 0x504945, BorderFocus: 0xfabd2f,
			Heat0: 0xfb4934, Heat1: 0xfe8019, Heat2: 0x689d6a, Heat3: 0x8ec07c, Heat4: 0xb8bb26, Heat5: 0xfbf1c7,
		},
	},
	{
		name: "dracula", dark: true, background: 0x282a36, selection: 0x424558,
		colors: [tokens]rgb{
			Text: 0xf8f8f2, Muted: 0xb9c2e0, Faint: 0x4d5066, Title: 0xffffff, Accent: 0xff92d0,
			Good: 0x50fa7b, Warn: 0xffb86c, Bad: 0xff9c9c, Down: 0x8be9fd, Up: 0xd0b0ff,
			Border: 0x565a73, BorderFocus: 0xff79c6,
			Heat0: 0xff6e6e, Heat1: 0xffb86c, Heat2: 0x7e8fc9, Heat3: 0xbd93f9, Heat4: 0x8be9fd, Heat5: 0xf8f8f2,
		},
	},
	{
		name: "mocha", dark: true, background: 0x1e1e2e, selection: 0x3a3b50,
		colors: [tokens]rgb{
			Text: 0xcdd6f4, Muted: 0xa6adc8, Faint: 0x45475a, Title: 0xf0f3ff, Accent: 0x89b4fa,
			Good: 0xa6e3a1, Warn: 0xf9e2af, Bad: 0xf38ba8, Down: 0x89dceb, Up: 0xcba6f7,
			Border: 0x45475a, BorderFocus: 0x89b4fa,
			Heat0: 0xf38ba8, Heat1: 0xf9e2af, Heat2: 0x6f8fd0, Heat3: 0x74c7ec, Heat4: 0x94e2d5, Heat5: 0xd5f7f0,
		},
	},
	{
		name: "solarized", background: 0xfdf6e3, selection: 0xe8e2cc,
		colors: [tokens]rgb{
			Text: 0x3d525a, Muted: 0x52666d, Faint: 0xcfcab6, Title: 0x073642, Accent: 0x1a5f95,
			Good: 0x586400, Warn: 0x7a5900, Bad: 0xb52421, Down: 0x176a65, Up: 0x5a5ea6,
			Border: 0xc8c3b0, BorderFocus: 0x1a5f95,
			Heat0: 0xdc322f, Heat1: 0xb07a00, Heat2: 0x268bd2, Heat3: 0x1d7f78, Heat4: 0x135e70, Heat5: 0x073642,
		},
	},
	{
		name: "contrast", dark: true, background: 0x000000, selection: 0x003a75,
		colors: [tokens]rgb{
			Text: 0xffffff, Muted: 0xe0e0e0, Faint: 0x707070, Title: 0xffffff, Accent: 0x00ffff,
			Good: 0x55ff55, Warn: 0xffff00, Bad: 0xffa0a0, Down: 0x7fe9ff, Up: 0xffb0ff,
			Border: 0xa0a0a0, BorderFocus: 0x00ffff,
			Heat0: 0xff6060, Heat1: 0xffff00, Heat2: 0x8080ff, Heat3: 0x40b0ff, Heat4: 0x40ffff, Heat5: 0xffffff,
		},
	},
	{
		// Blue and orange, told apart by lightness too, for eyes that mix red and green.
		name: "safe", dark: true, background: 0x14161a, selection: 0x2b3344,
		colors: [tokens]rgb{
			Text: 0xdcdcdc, Muted: 0xa2a8b0, Faint: 0x41464e, Title: 0xf5f5f5, Accent: 0x56b4e9,
			Good: 0x6cc0f5, Warn: 0xf0e442, Bad: 0xff9a52, Down: 0x56b4e9, Up: 0xe8b1d0,
			Border: 0x41464e, BorderFocus: 0x56b4e9,
			Heat0: 0xe06c1f, Heat1: 0xe8c03a, Heat2: 0x3f78b5, Heat3: 0x5694d1, Heat4: 0x7fb6e6, Heat5: 0xc4e0f7,
		},
	},
	{
		name: "mono", dark: true, mono: true, background: 0x101010, selection: 0x383838,
		colors: [tokens]rgb{
			Text: 0xd8d8d8, Muted: 0xa8a8a8, Faint: 0x484848, Title: 0xffffff, Accent: 0xffffff,
			Good: 0xd8d8d8, Warn: 0xffffff, Bad: 0xffffff, Down: 0xd8d8d8, Up: 0xc0c0c0,
			Border: 0x484848, BorderFocus: 0xffffff,
			Heat0: 0xffffff, Heat1: 0xe0e0e0, Heat2: 0x787878, Heat3: 0x909090, Heat4: 0xa8a8a8, Heat5: 0xc8c8c8,
		},
	},
}
