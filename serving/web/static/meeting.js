/* Keys for the meeting. Without it every link and form works as it is. Keys do nothing while somebody types, and can be turned off. */
(function () {
  "use strict";
  var OFF = "keys-off";
  var line = document.getElementById("keys");
  var button = document.getElementById(OFF);
  function on() {
    return window.localStorage.getItem(OFF) !== "yes";
  }
  function say() {
    if (!line) return;
    line.hidden = false;
    button.textContent = on() ? "Turn keys off" : "Turn keys on";
  }
  if (button) {
    button.addEventListener("click", function () {
      window.localStorage.setItem(OFF, on() ? "yes" : "no");
      say();
    });
  }
  say();
  document.addEventListener("keydown", function (event) {
    var at = event.target;
    var types = at.tagName === "TEXTAREA" || at.tagName === "SELECT" || (at.tagName === "INPUT" && at.type !== "radio");
    if (!line || !on() || types || event.ctrlKey || event.altKey || event.metaKey) return;
    var found = document.querySelector('[data-key="' + window.CSS.escape(event.key) + '"]');
    if (!found) return;
    event.preventDefault();
    if (found.type === "radio") {
      found.checked = true;
      found.focus();
    } else {
      found.click();
    }
  });
})();

/* How long the meeting has looked at this person, for whoever asks for it; it counts up, ends nothing and is kept nowhere. */
(function () {
  "use strict";
  var button = document.getElementById("timer");
  if (!button) return;
  button.hidden = false;
  var on = window.sessionStorage.getItem("timer") === "on";
  var began = Date.now();
  function say() {
    var seconds = Math.floor((Date.now() - began) / 1000);
    button.textContent = on
      ? "Timer: " + Math.floor(seconds / 60) + ":" + String(seconds % 60).padStart(2, "0") + " (turn off)"
      : "Show a timer";
  }
  button.addEventListener("click", function () {
    on = !on;
    began = Date.now();
    window.sessionStorage.setItem("timer", on ? "on" : "off");
    say();
  });
  window.setInterval(say, 1000);
  say();
})();
