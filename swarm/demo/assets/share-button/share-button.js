/*
 * A share button that lives in an iframe.
 *
 * A click tries, in this order: the system's share sheet, the clipboard, and a
 * field with the link beside a QR code, so that there is always something to
 * take along. A sandboxed frame may refuse any of the first two, the storage
 * that keeps the count, and the settings; each has its own way to go on.
 *
 * No library, no cookie, no request but the one for share-config.json.
 */
(function () {
  "use strict";

  // What share-config.json may change, and what is so without it.
  var settings = {
    share_with_system: true,
    show_count: true,
    show_code: true,
    status_ms: 2200,
    labels: {
      en: {
        title: "Share this page",
        share: "Share",
        shared: "Shared",
        copied: "Link copied",
        select: "Copy this link",
        scan: "or scan it with another device",
        close: "Close"
      }
    }
  };

  function $(id) { return document.getElementById(id); }

  // attempt returns what f returns, or otherwise where the frame refuses f.
  function attempt(f, otherwise) {
    try {
      return f();
    } catch (refused) {
      return otherwise;
    }
  }

  // ---- the link ---------------------------------------------------------

  function isWeb(link) {
    return attempt(function () { return /^https?:$/.test(new URL(link).protocol); }, false);
  }

  // The link to share: the url parameter, else the page that embeds us, else our own.
  function linkToShare(parameters) {
    var candidates = [parameters.get("url"), document.referrer, location.href];
    for (var i = 0; i < candidates.length; i++) {
      if (candidates[i] && isWeb(candidates[i])) {
        return candidates[i];
      }
    }
    return location.href;
  }

  var parameters = new URLSearchParams(location.search);
  var link = linkToShare(parameters);
  var text = (parameters.get("text") || "").slice(0, 280);

  // ---- the count --------------------------------------------------------

  // Shares from this browser, in storage where there is some, else for as long as the frame lives.
  var count = {
    key: "share-count:" + link,
    value: 0,
    load: function () {
      var kept = attempt(function () { return parseInt(localStorage.getItem(count.key), 10); }, 0);
      count.value = kept > 0 ? kept : 0;
    },
    add: function () {
      count.value++;
      attempt(function () { localStorage.setItem(count.key, String(count.value)); });
    }
  };

  // ---- what is seen -----------------------------------------------------

  var words = settings.labels.en;
  var calm = 0; // the timer that takes the status away

  function chooseWords() {
    var wanted = navigator.languages || [navigator.language || "en"];
    for (var i = 0; i < wanted.length; i++) {
      var tag = String(wanted[i]).toLowerCase();
      var code = settings.labels[tag] ? tag : tag.split("-")[0];
      if (Object.prototype.hasOwnProperty.call(settings.labels, code)) {
        document.documentElement.lang = code;
        words = Object.assign({}, settings.labels.en, settings.labels[code]);
        return;
      }
    }
  }

  function render() {
    $("title").textContent = text || words.title;
    $("link").textContent = link.replace(/^https?:\/\//, "").replace(/\/$/, "");
    $("link").title = link;
    $("label").textContent = words.share;
    $("hint").textContent = words.select;
    $("scan").textContent = words.scan;
    $("scan").hidden = !settings.show_code;
    $("close").textContent = words.close;
    $("count").textContent = String(count.value);
    $("count").hidden = !(settings.show_count && count.value > 0);
  }

  function say(message) {
    var status = $("status"), card = status.parentNode, button = $("share");
    clearTimeout(calm);
    status.textContent = message;
    status.classList.add("on");
    card.classList.add("done");
    button.classList.remove("pop");
    void button.offsetWidth; // so that a second click starts the ripple again
    button.classList.add("pop");
    calm = setTimeout(function () {
      status.classList.remove("on");
      card.classList.remove("done");
      status.textContent = "";
    }, settings.status_ms);
  }

  function shared(message) {
    count.add();
    render();
    say(message);
    hidePanel();
    tell({ shared: true, count: count.value });
  }

  // tell lets the page around the frame know, if it listens: that something was
  // shared, and how high the frame would have to be to show everything.
  function tell(news) {
    if (window.parent !== window) {
      news.source = "share-button";
      news.height = Math.ceil(document.body.getBoundingClientRect().height);
      attempt(function () { window.parent.postMessage(news, "*"); });
    }
  }

  // ---- the three ways to share ------------------------------------------

  // Each returns a promise: true when it is done, false when the person changed
  // their mind; it is rejected when this frame may not.

  function withSystem() {
    if (!settings.share_with_system || typeof navigator.share !== "function") {
      return Promise.reject(new Error("no share sheet"));
    }
    var what = { url: link };
    if (text) {
      what.text = text;
    }
    return navigator.share(what).then(
      function () { return true; },
      function (why) {
        if (why && why.name === "AbortError") {
          return false;
        }
        throw why;
      }
    );
  }

  function withClipboard() {
    if (navigator.clipboard && typeof navigator.clipboard.writeText === "function") {
      return navigator.clipboard.writeText(link).then(
        function () { return true; },
        copySelection
      );
    }
    return new Promise(function (resolve) { resolve(copySelection()); });
  }

  // copySelection is the older way, which some frames allow where they refuse the newer one.
  function copySelection() {
    var area = document.createElement("textarea");
    var focused = document.activeElement;
    area.value = link;
    area.setAttribute("readonly", "");
    area.style.cssText = "position:fixed;top:0;left:-9999px";
    document.body.appendChild(area);
    area.select();
    var ok = attempt(function () { return document.execCommand("copy"); }, false);
    document.body.removeChild(area);
    if (focused && focused.focus) {
      focused.focus();
    }
    if (!ok) {
      throw new Error("no clipboard");
    }
    return true;
  }

  function byHand() {
    var field = $("field");
    $("panel").hidden = false;
    $("code").hidden = !settings.show_code || !drawCode($("code"), link);
    field.value = link;
    field.focus();
    field.select();
    tell({});
  }

  function hidePanel() {
    if (!$("panel").hidden) {
      $("panel").hidden = true;
      tell({});
    }
  }

  function share() {
    withSystem().then(
      function (done) { if (done) { shared(words.shared); } },
      function () {
        return withClipboard().then(function () { shared(words.copied); }, byHand);
      }
    );
  }

  // ---- the QR code (ISO/IEC 18004): bytes, error correction M, versions 1 to 20

  var blocksOf = [1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16];
  var checkOf = [10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26];

  // Powers and logarithms in the field of 256 elements over x^8 + x^4 + x^3 + x^2 + 1.
  var power = [], logarithm = [];
  for (var e = 0, element = 1; e < 255; e++) {
    power[e] = element;
    logarithm[element] = e;
    element = element << 1 ^ (element & 128 ? 0x11d : 0);
  }

  function times(a, b) {
    return a && b ? power[(logarithm[a] + logarithm[b]) % 255] : 0;
  }

  // checkBytes returns the n Reed-Solomon bytes of a block.
  function checkBytes(block, n) {
    var generator = [1], i, j;
    for (i = 0; i < n; i++) {
      generator.push(0);
      for (j = generator.length - 1; j > 0; j--) {
        generator[j] ^= times(generator[j - 1], power[i]);
      }
    }
    var rest = block.concat(new Array(n).fill(0));
    for (i = 0; i < block.length; i++) {
      var lead = rest[i];
      for (j = 0; j <= n; j++) {
        rest[i + j] ^= times(generator[j], lead);
      }
    }
    return rest.slice(block.length);
  }

  // withRemainder appends the remainder of a binary polynomial division to value.
  function withRemainder(value, generator, bits) {
    var rest = value << bits, top = 31 - Math.clz32(generator);
    for (var i = 31 - Math.clz32(value) + bits; i >= top; i--) {
      if (rest >>> i & 1) {
        rest ^= generator << (i - top);
      }
    }
    return value << bits | rest;
  }

  // frame draws what every code of a version has in common; data goes where fixed is not set.
  function frame(version) {
    var size = 17 + 4 * version, dark = [], fixed = [], i, j;
    for (i = 0; i < size; i++) {
      dark.push(new Array(size).fill(false));
      fixed.push(new Array(size).fill(false));
    }
    function put(row, column, on) {
      if (row >= 0 && row < size && column >= 0 && column < size) {
        dark[row][column] = on;
        fixed[row][column] = true;
      }
    }
    function rings(row, column, reach, lit) {
      for (var y = -reach; y <= reach; y++) {
        for (var x = -reach; x <= reach; x++) {
          put(row + y, column + x, lit(Math.max(Math.abs(x), Math.abs(y))));
        }
      }
    }
    for (i = 0; i < size; i++) {
      put(6, i, i % 2 === 0);
      put(i, 6, i % 2 === 0);
    }
    [[3, 3], [3, size - 4], [size - 4, 3]].forEach(function (at) {
      rings(at[0], at[1], 4, function (d) { return d !== 2 && d !== 4; });
    });
    if (version > 1) {
      var n = Math.floor(version / 7) + 2;
      var step = 2 * Math.ceil((size - 13) / (2 * (n - 1)));
      var centres = [6];
      for (i = n - 2; i >= 0; i--) {
        centres.push(size - 7 - i * step);
      }
      for (i = 0; i < n; i++) {
        for (j = 0; j < n; j++) {
          if (!(i + j === 0 || i + j === n - 1 && i * j === 0)) {
            rings(centres[i], centres[j], 2, function (d) { return d !== 1; });
          }
        }
      }
    }
    if (version >= 7) {
      var told = withRemainder(version, 0x1f25, 12);
      for (i = 0; i < 18; i++) {
        var bit = (told >>> i & 1) === 1, far = size - 11 + i % 3, near = Math.floor(i / 3);
        put(near, far, bit);
        put(far, near, bit);
      }
    }
    var shape = { size: size, dark: dark, fixed: fixed, put: put };
    format(shape, 0);
    return shape;
  }

  // format writes which mask is on, twice, beside the finders.
  function format(shape, mask) {
    var bits = (mask === 0 ? 0 : withRemainder(mask, 0x537, 10)) ^ 0x5412;
    for (var i = 0; i < 15; i++) {
      var on = (bits >>> i & 1) === 1;
      shape.put(i < 6 ? i : i < 8 ? i + 1 : shape.size - 15 + i, 8, on);
      shape.put(8, i < 8 ? shape.size - 1 - i : i === 8 ? 7 : 14 - i, on);
    }
    shape.put(shape.size - 8, 8, true);
  }

  // codewords lays the bytes out in blocks with their check bytes, interleaved.
  function codewords(bytes, version, room) {
    var blocks = blocksOf[version - 1], check = checkOf[version - 1];
    var data = room - blocks * check, bits = [], i, j;
    function push(value, n) {
      while (n-- > 0) {
        bits.push(value >>> n & 1);
      }
    }
    push(4, 4);
    push(bytes.length, version < 10 ? 8 : 16);
    bytes.forEach(function (b) { push(b, 8); });
    if (bits.length > 8 * data) {
      return null;
    }
    push(0, Math.min(4, 8 * data - bits.length));
    push(0, (8 - bits.length % 8) % 8);
    for (i = 0; bits.length < 8 * data; i++) {
      push(i % 2 ? 0x11 : 0xec, 8);
    }
    var words = [];
    for (i = 0; i < data; i++) {
      words.push(parseInt(bits.slice(8 * i, 8 * i + 8).join(""), 2));
    }
    var parts = [], checks = [], short = Math.floor(data / blocks), at = 0;
    for (i = 0; i < blocks; i++) {
      var length = short + (i >= blocks - data % blocks ? 1 : 0);
      parts.push(words.slice(at, at + length));
      checks.push(checkBytes(parts[i], check));
      at += length;
    }
    var out = [];
    for (j = 0; j <= short; j++) {
      for (i = 0; i < blocks; i++) {
        if (j < parts[i].length) {
          out.push(parts[i][j]);
        }
      }
    }
    for (j = 0; j < check; j++) {
      for (i = 0; i < blocks; i++) {
        out.push(checks[i][j]);
      }
    }
    return out;
  }

  var masks = [
    function (r, c) { return (r + c) % 2; },
    function (r) { return r % 2; },
    function (r, c) { return c % 3; },
    function (r, c) { return (r + c) % 3; },
    function (r, c) { return (Math.floor(r / 2) + Math.floor(c / 3)) % 2; },
    function (r, c) { return r * c % 2 + r * c % 3; },
    function (r, c) { return (r * c % 2 + r * c % 3) % 2; },
    function (r, c) { return ((r + c) % 2 + r * c % 3) % 2; }
  ];

  // blotches counts what scanners dislike: modules that agree with all their neighbours below and to the right.
  function blotches(dark) {
    var n = 0;
    for (var r = 1; r < dark.length; r++) {
      for (var c = 1; c < dark.length; c++) {
        var d = dark[r][c];
        if (dark[r - 1][c] === d && dark[r][c - 1] === d && dark[r - 1][c - 1] === d) {
          n++;
        }
      }
    }
    return n;
  }

  // encode returns the rows of a code for the text, true for dark, or null when it is too long.
  function encode(string) {
    var bytes = Array.from(new TextEncoder().encode(string));
    for (var version = 1; version <= blocksOf.length; version++) {
      var room = frame(version).fixed.reduce(function (sum, row) {
        return sum + row.filter(function (f) { return !f; }).length;
      }, 0) >> 3;
      var words = codewords(bytes, version, room);
      if (words) {
        return best(version, words);
      }
    }
    return null;
  }

  function best(version, words) {
    var chosen = null, fewest = Infinity;
    masks.forEach(function (mask, index) {
      var shape = frame(version), at = 0, up = true;
      for (var right = shape.size - 1; right > 0; right -= 2) {
        if (right === 6) {
          right = 5; // the timing column is passed over
        }
        for (var k = 0; k < shape.size; k++) {
          var row = up ? shape.size - 1 - k : k;
          for (var column = right; column > right - 2; column--) {
            if (!shape.fixed[row][column]) {
              var bit = at < 8 * words.length && words[at >> 3] >>> (7 - at % 8) & 1;
              shape.dark[row][column] = Boolean(bit) !== (mask(row, column) === 0);
              at++;
            }
          }
        }
        up = !up;
      }
      format(shape, index);
      var n = blotches(shape.dark);
      if (n < fewest) {
        fewest = n;
        chosen = shape.dark;
      }
    });
    return chosen;
  }

  // drawCode puts the code into the element and tells whether the text fits into one.
  function drawCode(into, string) {
    var rows = encode(string);
    if (!rows) {
      return false;
    }
    var path = "";
    rows.forEach(function (row, y) {
      row.forEach(function (on, x) {
        if (on) {
          path += "M" + (x + 2) + " " + (y + 2) + "h1v1h-1z";
        }
      });
    });
    var ns = "http://www.w3.org/2000/svg", svg = document.createElementNS(ns, "svg");
    svg.setAttribute("viewBox", "0 0 " + (rows.length + 4) + " " + (rows.length + 4));
    var shape = document.createElementNS(ns, "path");
    shape.setAttribute("d", path);
    shape.setAttribute("fill", "#10202e");
    svg.appendChild(shape);
    into.replaceChildren(svg);
    return true;
  }

  // ---- start ------------------------------------------------------------

  count.load();
  chooseWords();
  render();
  $("share").addEventListener("click", share);
  $("close").addEventListener("click", function () {
    hidePanel();
    $("share").focus();
  });
  $("field").addEventListener("focus", function () { this.select(); });
  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape" && !$("panel").hidden) {
      hidePanel();
      $("share").focus();
    }
  });

  // Credentials stay at home: a sandboxed frame has the origin "null".
  fetch("./share-config.json", { credentials: "omit" })
    .then(function (answer) {
      if (!answer.ok) {
        throw new Error("settings: " + answer.status);
      }
      return answer.json();
    })
    .then(function (found) {
      var english = settings.labels.en;
      settings = Object.assign(settings, found);
      settings.labels = Object.assign({ en: english }, found.labels);
      chooseWords();
      render();
    })
    .catch(function () { /* the settings above will do */ });
})();
