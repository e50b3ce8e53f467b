/*
 * A row of reactions. Each can be given once and taken back; what was given is
 * kept in this browser where the frame allows it. Arrow keys walk along the row.
 */
(function () {
  "use strict";

  var row = document.getElementById("reactions");
  var buttons = Array.from(row.querySelectorAll("button"));
  var given = {};

  function keep() {
    try {
      localStorage.setItem("reactions", JSON.stringify(given));
    } catch (refused) { /* then it lasts as long as the frame */ }
  }

  try {
    given = JSON.parse(localStorage.getItem("reactions")) || {};
  } catch (refused) {
    given = {};
  }

  function render(button) {
    var on = given[button.dataset.name] === true;
    button.setAttribute("aria-pressed", String(on));
    button.querySelector("span").textContent = on ? "1" : "0";
  }

  function toggle(button) {
    var name = button.dataset.name;
    if (given[name]) {
      delete given[name];
    } else {
      given[name] = true;
      hop(button.querySelector("i"));
    }
    keep();
    render(button);
  }

  function hop(drawing) {
    if (drawing.animate && !matchMedia("(prefers-reduced-motion: reduce)").matches) {
      drawing.animate(
        [
          { transform: "none" },
          { transform: "translateY(-9px) scale(1.3) rotate(-9deg)" },
          { transform: "translateY(0) scale(.9) rotate(5deg)" },
          { transform: "none" }
        ],
        { duration: 420, easing: "ease-out" }
      );
    }
  }

  buttons.forEach(function (button, index) {
    render(button);
    button.addEventListener("click", function () { toggle(button); });
    button.addEventListener("keydown", function (event) {
      var step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (step) {
        event.preventDefault();
        buttons[(index + step + buttons.length) % buttons.length].focus();
      }
    });
  });
})();
