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
